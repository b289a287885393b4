/** The other end of a client's uploads, played by the test: it sees what is posted and answers what it likes. */
import { assert } from "@effect/vitest"
import { Deferred, Effect, Stream } from "effect"
import { type UploadAnswer, UploadBroken, type UploadRequest, type UploadsService } from "../../src/client/Uploads.ts"

export const uploaded = (name = "a.png", size = 3) => ({ file: "f1", name, type: "image/png", size, sha256: "00" })

export class ScriptedPost {
  readonly request: UploadRequest
  readonly answered = Deferred.makeUnsafe<UploadAnswer, UploadBroken>()
  /** Whether the client has given it up. */
  abandoned = false

  constructor(request: UploadRequest) {
    this.request = request
  }

  answer(status: number, body: object, retryAfter?: string): void {
    Deferred.doneUnsafe(this.answered, Effect.succeed({ status, body: JSON.stringify(body), retryAfter }))
  }

  refuse(status: number, detail: string, retryAfter?: string): void {
    this.answer(status, { status, detail }, retryAfter)
  }

  take(): void {
    this.answer(201, uploaded())
  }

  break(): void {
    Deferred.doneUnsafe(this.answered, Effect.fail(new UploadBroken({ message: "the connection broke" })))
  }

  /** All that it has. */
  get bytes(): Effect.Effect<Uint8Array, unknown> {
    const { body } = this.request
    return Effect.promise(() => new Response(body instanceof Blob ? body : Stream.toReadableStream(body)).arrayBuffer())
      .pipe(Effect.map((buffer) => new Uint8Array(buffer)))
  }
}

export interface ScriptedUploads extends UploadsService {
  readonly posts: Array<ScriptedPost>
  readonly last: () => ScriptedPost
}

export const scriptedUploads = (): ScriptedUploads => {
  const posts: Array<ScriptedPost> = []
  return {
    posts,
    last: () => {
      assert.isNotEmpty(posts)
      return posts.at(-1)!
    },
    post: (request) =>
      Effect.suspend(() => {
        const post = new ScriptedPost(request)
        posts.push(post)
        return Effect.onInterrupt(Deferred.await(post.answered), () => Effect.sync(() => void (post.abandoned = true)))
      })
  }
}
