package main

import "github.com/gorilla/websocket"

// UserActor is one connection: its own goroutine, one that reads and one that writes.
type UserActor struct {
	userID    string
	conn      *websocket.Conn
	server    *ServerActor
	inbox     chan UserMessage
	writeChan chan ServerOutgoingMessage
	quit      chan struct{}
}

func NewUserActor(userID string, conn *websocket.Conn, server *ServerActor) *UserActor {
	return &UserActor{
		userID:    userID,
		conn:      conn,
		server:    server,
		inbox:     make(chan UserMessage, 64),
		writeChan: make(chan ServerOutgoingMessage, 64),
		quit:      make(chan struct{}),
	}
}

func (u *UserActor) start() {
	u.server.inbox <- ServerMessage{Type: MessageTypeRegisterUser, UserID: u.userID, UserRef: u.inbox}
	go u.writePump()
	go u.readPump()
	for {
		select {
		case message := <-u.inbox:
			u.writeChan <- ServerOutgoingMessage{
				Type:   "incoming_message",
				Sender: message.Payload.Sender,
				Text:   message.Payload.Text,
			}
		case <-u.quit:
			u.server.inbox <- ServerMessage{Type: MessageTypeUnregisterUser, UserID: u.userID, UserRef: u.inbox}
			// Not the inbox: the ServerActor may have something for it still, and would panic.
			close(u.writeChan)
			u.conn.Close()
			return
		}
	}
}

func (u *UserActor) readPump() {
	defer close(u.quit)
	for {
		var message ClientMessage
		if err := u.conn.ReadJSON(&message); err != nil {
			return
		}
		u.server.inbox <- ServerMessage{
			Type:    MessageTypeUserChat,
			UserID:  message.Recipient,
			Payload: ChatPayload{Sender: u.userID, Text: message.Text},
		}
	}
}

func (u *UserActor) writePump() {
	broken := false
	for message := range u.writeChan {
		// Read on after an error, so that the actor is never stuck on a full channel.
		broken = broken || u.conn.WriteJSON(message) != nil
	}
}
