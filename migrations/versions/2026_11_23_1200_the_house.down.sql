-- Takes the house down again: everything, and nothing else.
DROP TABLE refresh_tokens CASCADE
;;
DROP TABLE user_sessions CASCADE
;;
DROP TABLE user_permission_denials CASCADE
;;
DROP TABLE relationships CASCADE
;;
DROP TABLE one_time_tokens CASCADE
;;
DROP TABLE mfa_recovery_codes CASCADE
;;
DROP TABLE mfa_credentials CASCADE
;;
DROP TABLE leads CASCADE
;;
DROP TABLE lead_routing_turns CASCADE
;;
DROP TABLE group_members CASCADE
;;
DROP TABLE contact_merges CASCADE
;;
DROP TABLE contact_keys CASCADE
;;
DROP TABLE contact_account_links CASCADE
;;
DROP TABLE account_merges CASCADE
;;
DROP TABLE users CASCADE
;;
DROP TABLE lead_routing_rules CASCADE
;;
DROP TABLE invitations CASCADE
;;
DROP TABLE contacts CASCADE
;;
DROP TABLE api_clients CASCADE
;;
DROP TABLE accounts CASCADE
;;
DROP TABLE job_results CASCADE
;;
DROP TABLE agencies CASCADE
;;
DROP TABLE sign_in_throttles CASCADE
;;
DROP TABLE search_tokens CASCADE
;;
DROP TABLE roles CASCADE
;;
DROP TABLE regions CASCADE
;;
DROP TABLE organizations CASCADE
;;
DROP TABLE organization_keys CASCADE
;;
DROP TABLE number_sequences CASCADE
;;
DROP TABLE job_runs CASCADE
;;
DROP TABLE identities CASCADE
;;
DROP TABLE idempotency_keys CASCADE
;;
DROP TABLE groups CASCADE
;;
DROP TABLE external_ids CASCADE
;;
DROP TABLE event_log CASCADE
;;
DROP TABLE custom_fields CASCADE
;;
DROP TABLE audit_seals CASCADE
;;
DROP TABLE audit_log CASCADE
;;
DROP TABLE audit_heads CASCADE
;;
DROP TABLE pgqueuer CASCADE
;;
DROP TABLE pgqueuer_log CASCADE
;;
DROP TABLE pgqueuer_schedules CASCADE
;;
DROP TABLE pgqueuer_statistics CASCADE
;;
DROP FUNCTION crm_claim_identity(text,uuid) CASCADE
;;
DROP FUNCTION crm_count_attempt(text[],integer[],interval[],interval[]) CASCADE
;;
DROP FUNCTION crm_find_identity(text) CASCADE
;;
DROP FUNCTION crm_fold(text) CASCADE
;;
DROP FUNCTION crm_forget_attempts() CASCADE
;;
DROP FUNCTION crm_keep_external_ids() CASCADE
;;
DROP FUNCTION crm_money(bigint) CASCADE
;;
DROP FUNCTION crm_organization() CASCADE
;;
DROP FUNCTION crm_organizations() CASCADE
;;
DROP FUNCTION crm_refuse_change() CASCADE
;;
DROP FUNCTION crm_release_identity(text) CASCADE
;;
DROP FUNCTION crm_settle_attempt(text[],text[]) CASCADE
;;
DROP FUNCTION crm_words(text,text[],text[],text[]) CASCADE
;;
DROP FUNCTION crm_words_of_accounts_added() CASCADE
;;
DROP FUNCTION crm_words_of_accounts_changed() CASCADE
;;
DROP FUNCTION crm_words_of_accounts_removed() CASCADE
;;
DROP FUNCTION crm_words_of_contacts_added() CASCADE
;;
DROP FUNCTION crm_words_of_contacts_changed() CASCADE
;;
DROP FUNCTION crm_words_of_contacts_removed() CASCADE
;;
DROP FUNCTION crm_words_of_leads_added() CASCADE
;;
DROP FUNCTION crm_words_of_leads_changed() CASCADE
;;
DROP FUNCTION crm_words_of_leads_removed() CASCADE
;;
DROP FUNCTION fn_pgqueuer_changed() CASCADE
;;
DROP TYPE pgqueuer_status
;;
REVOKE USAGE ON SCHEMA public FROM crm_app
;;
