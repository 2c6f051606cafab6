DROP TABLE domain_minutes
;;
DROP TABLE send_suppressions
;;
DROP TABLE send_counts
;;
DROP TABLE message_links
;;
DROP TABLE message_events
;;
DROP TABLE messages
;;
DROP TABLE sends
;;
DROP TABLE message_providers
