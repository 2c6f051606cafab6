DROP TABLE discussion_revisions
;;
DROP TABLE discussion_responses
;;
DROP TABLE discussion_attachments
;;
DROP TABLE discussion_messages
;;
DROP TABLE discussion_members
;;
DROP TABLE discussions
;;
DROP FUNCTION crm_words_of_discussion_messages_added()
;;
DROP FUNCTION crm_words_of_discussion_messages_changed()
;;
DROP FUNCTION crm_words_of_discussion_messages_removed()
;;
DELETE FROM files WHERE kind = 'discussion'
;;
DELETE FROM search_tokens WHERE token LIKE 'discussion_message/%'
;;
ALTER TABLE files DROP CONSTRAINT ck_files_kind_known
;;
ALTER TABLE files ADD CONSTRAINT ck_files_kind_known CHECK (kind IN ('id_card', 'driving_licence', 'vehicle_registration', 'plate_photo', 'constat_amiable', 'police_report', 'damage_photo', 'repair_quote', 'invoice', 'appraisal_report', 'medical_certificate', 'death_certificate', 'rib', 'policy_schedule', 'certificate', 'quittance', 'endorsement', 'mise_en_demeure', 'discharge', 'contract_signed', 'mission_order', 'complaint_letter', 'other', 'import', 'export'))
;;
ALTER TABLE claim_documents_required DROP CONSTRAINT ck_claim_documents_required_kind_known
;;
ALTER TABLE claim_documents_required ADD CONSTRAINT ck_claim_documents_required_kind_known CHECK (kind IN ('id_card', 'driving_licence', 'vehicle_registration', 'plate_photo', 'constat_amiable', 'police_report', 'damage_photo', 'repair_quote', 'invoice', 'appraisal_report', 'medical_certificate', 'death_certificate', 'rib', 'policy_schedule', 'certificate', 'quittance', 'endorsement', 'mise_en_demeure', 'discharge', 'contract_signed', 'mission_order', 'complaint_letter', 'other', 'import', 'export'))
