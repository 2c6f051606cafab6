DROP TABLE web_days
;;
DROP TABLE web_conversions
;;
DROP TABLE web_visitors
;;
DROP TABLE web_events
;;
DROP TABLE web_sessions
;;
DROP TABLE web_goals
;;
DROP TABLE web_arrivals
;;
UPDATE api_clients SET scopes = '{leads:capture}' WHERE kind = 'capture'
;;
ALTER TABLE api_clients DROP CONSTRAINT ck_api_clients_capture_only
;;
ALTER TABLE api_clients ADD CONSTRAINT ck_api_clients_capture_only CHECK (kind <> 'capture' OR scopes = '{leads:capture}')
