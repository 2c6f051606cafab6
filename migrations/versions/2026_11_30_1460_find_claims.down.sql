DROP TRIGGER words_added ON claims
;;
DROP TRIGGER words_changed ON claims
;;
DROP TRIGGER words_removed ON claims
;;
DROP FUNCTION crm_words_of_claims_added()
;;
DROP FUNCTION crm_words_of_claims_changed()
;;
DROP FUNCTION crm_words_of_claims_removed()
;;
DELETE FROM search_tokens WHERE token LIKE 'claim/%' OR token LIKE 'claim<%'
