DROP TABLE inbox_readings
;;
DROP TABLE conversation_messages
;;
DROP TABLE outbound_messages
;;
DROP TABLE inbox_items
;;
DROP TABLE inbound_messages
;;
DROP TABLE conversations
;;
DROP TABLE mailboxes
;;
DROP TABLE inbox_channels
;;
DROP TABLE inboxes
;;
DROP TABLE mail_domains
;;
DROP FUNCTION crm_find_mail_channel(text)
