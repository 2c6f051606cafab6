DROP INDEX ix_event_log_object
;;
CREATE INDEX ix_event_log_object ON event_log (organization_id, object_type, object_id, id)
;;
DROP TABLE telephony_calls
;;
DROP TABLE interaction_links
;;
DROP TABLE interactions
;;
DROP TABLE note_revisions
;;
DROP TABLE notes
