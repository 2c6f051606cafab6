DROP TABLE contact_preferences
;;
DROP TABLE suppressions
;;
DROP TABLE consent_states
;;
DROP TABLE consents
;;
DROP TABLE consent_texts
