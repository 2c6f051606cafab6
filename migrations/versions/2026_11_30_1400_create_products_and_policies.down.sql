DROP TABLE policy_versions
;;
DROP TABLE policy_suspensions
;;
DROP TABLE policy_parties
;;
DROP TABLE policy_objects
;;
DROP TABLE policy_coverages
;;
DROP TABLE health_questionnaires
;;
DROP TABLE endorsements
;;
DROP TABLE policies
;;
DROP TABLE insured_objects
;;
DROP TABLE tariff_rows
;;
DROP TABLE plans
;;
DROP TABLE tax_profiles
;;
DROP TABLE products
;;
DROP TABLE coverage_definitions
;;
DROP FUNCTION IF EXISTS crm_words_of_policies_added
;;
DROP FUNCTION IF EXISTS crm_words_of_policies_changed
;;
DROP FUNCTION IF EXISTS crm_words_of_policies_removed
