package main

// ServerActor knows where everybody is. One goroutine owns the map.
type ServerActor struct {
	inbox          chan ServerMessage
	connectedUsers map[string]chan UserMessage
}

func NewServerActor() *ServerActor {
	return &ServerActor{
		inbox:          make(chan ServerMessage, 1024),
		connectedUsers: make(map[string]chan UserMessage),
	}
}

func (s *ServerActor) start() {
	for message := range s.inbox {
		switch message.Type {
		case MessageTypeRegisterUser:
			s.connectedUsers[message.UserID] = message.UserRef
		case MessageTypeUnregisterUser:
			// Whoever came back meanwhile is somebody else's entry.
			if s.connectedUsers[message.UserID] == message.UserRef {
				delete(s.connectedUsers, message.UserID)
			}
		case MessageTypeUserChat:
			inbox, here := s.connectedUsers[message.UserID]
			if !here {
				continue
			}
			select {
			case inbox <- UserMessage{Type: MessageTypeUserChat, Payload: message.Payload}:
			default:
				// The design does not say what becomes of a full inbox. To wait for it would stop everybody.
			}
		}
	}
}
