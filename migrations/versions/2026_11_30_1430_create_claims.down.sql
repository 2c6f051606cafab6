DROP TABLE claim_payments
;;
DROP TABLE appraisals
;;
DROP TABLE recoveries
;;
DROP TABLE claim_reserve_movements
;;
DROP TABLE claim_participants
;;
DROP TABLE claim_health
;;
DROP TABLE claim_fraud
;;
DROP TABLE claim_documents_required
;;
DROP TABLE claim_decisions
;;
DROP TABLE claims
;;
DROP TABLE claim_settings
