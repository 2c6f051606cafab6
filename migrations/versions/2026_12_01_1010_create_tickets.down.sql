DROP TABLE ticket_watchers
;;
DROP TABLE ticket_time_entries
;;
DROP TABLE ticket_sub_requests
;;
DROP TABLE ticket_presences
;;
DROP TABLE ticket_messages
;;
DROP TABLE ticket_merges
;;
DROP TABLE ticket_links
;;
DROP TABLE ticket_changes
;;
DROP TABLE ticket_approvals
;;
DROP TABLE tickets
;;
DROP TABLE ticket_rules
;;
DROP TABLE ticket_macros
;;
DROP TABLE ticket_agents
;;
DROP TABLE ticket_categories
;;
DROP TABLE ticket_statuses
;;
DROP TABLE ticket_settings
;;
DROP TABLE ticket_incidents
;;
DROP FUNCTION crm_keep_ticket_history()
;;
DROP FUNCTION crm_words_of_tickets_added()
;;
DROP FUNCTION crm_words_of_tickets_changed()
;;
DROP FUNCTION crm_words_of_tickets_removed()
