"""Two people on the plain level, with Python's websockets. Prints what they got, a JSON array a line."""
import asyncio
import json
import sys

import websockets

url = f"ws://127.0.0.1:{sys.argv[1]}/ws"
# The name of this option changed in version 14.
headers_option = "additional_headers" if int(websockets.version.version.split(".")[0]) >= 14 else "extra_headers"


def connect(user, **options):
    return websockets.connect(url, **{headers_option: {"Phone-Number": user}}, **options)


def say(text, **more):
    return json.dumps({"type": "chat_message", "recipient": "bob", "text": text, **more})


def show(what, frame):
    print(json.dumps([what, frame]), flush=True)


async def main():
    async with connect("bob") as bob, connect("alice") as alice:
        await alice.send(say("Hi Bob! 👋"))
        show("pushed", json.loads(await bob.recv()))
        await alice.send(say("with an id", id="one"))
        show("accepted", json.loads(await alice.recv()))
        show("pushed", json.loads(await bob.recv()))
        await alice.send(say("with an id", id="one"))
        show("again", json.loads(await alice.recv()))
        whole = say("in three fragments", id="two")
        await alice.send([whole[:10], whole[10:20], whole[20:]])
        show("accepted", json.loads(await alice.recv()))
        show("pushed", json.loads(await bob.recv()))
        await alice.send("not JSON")
        show("refused", json.loads(await alice.recv()))
        await (await alice.ping())
        show("pong", {})
        await alice.send(b"bytes")
        try:
            await alice.recv()
        except websockets.ConnectionClosed as closed:
            show("closed", {"code": closed.code if headers_option == "extra_headers" else closed.rcvd.code})

    async with connect("alice") as alice:
        await alice.send(say("while you were away", id="three"))
        await alice.recv()
    async with connect("bob") as bob:
        show("pushed", json.loads(await bob.recv()))
    async with connect("bob", subprotocols=["switchboard.v1"]) as bob:
        show("subprotocol", {"chosen": bob.subprotocol, "first": json.loads(await bob.recv())["type"]})


asyncio.run(main())
