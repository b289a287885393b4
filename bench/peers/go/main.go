// The design that Switchboard comes from, in the language it was written for: a ServerActor that knows everybody, a
// UserActor for each connection, and channels between them. In memory, without limits, as it was described.
package main

import (
	"log"
	"net/http"
	"os"

	"github.com/gorilla/websocket"
)

var upgrader = websocket.Upgrader{ReadBufferSize: 1024, WriteBufferSize: 1024}

func main() {
	server := NewServerActor()
	go server.start()
	http.HandleFunc("/ws", func(w http.ResponseWriter, r *http.Request) {
		conn, err := upgrader.Upgrade(w, r, nil)
		if err != nil {
			return
		}
		go NewUserActor(r.Header.Get("Phone-Number"), conn, server).start()
	})
	log.Fatal(http.ListenAndServe("127.0.0.1:"+os.Args[1], nil))
}
