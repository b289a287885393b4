/** Whoever runs the server is told what is not there. */
import * as Errors from "../../domain/Errors.ts"

export const noSuchConversation = () => Errors.notFound("There is no such conversation; check its name.")
