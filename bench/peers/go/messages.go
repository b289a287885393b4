package main

type MessageType int

const (
	MessageTypeRegisterUser MessageType = iota
	MessageTypeUnregisterUser
	MessageTypeUserChat
)

// ServerMessage goes to the inbox of the ServerActor. UserID of a chat message is its recipient.
type ServerMessage struct {
	Type    MessageType
	UserID  string
	UserRef chan UserMessage
	Payload ChatPayload
}

// UserMessage goes to the inbox of a UserActor.
type UserMessage struct {
	Type    MessageType
	Payload ChatPayload
}

type ChatPayload struct {
	Sender string
	Text   string
}

// ClientMessage is what a client sends.
type ClientMessage struct {
	Type      string `json:"type"`
	Recipient string `json:"recipient"`
	Text      string `json:"text"`
}

// ServerOutgoingMessage is what a client gets.
type ServerOutgoingMessage struct {
	Type   string `json:"type"`
	Sender string `json:"sender"`
	Text   string `json:"text"`
}
