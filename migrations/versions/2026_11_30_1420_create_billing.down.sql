DROP TABLE arrears_parts
;;
DROP TABLE write_offs
;;
DROP TABLE promises_to_pay
;;
DROP TABLE payment_allocations
;;
DROP TABLE dunning_steps
;;
DROP TABLE dunning_proposals
;;
DROP TABLE dunning_pauses
;;
DROP TABLE arrears_plans
;;
DROP TABLE receivables
;;
DROP TABLE customer_credits
;;
DROP TABLE premium_receipts
;;
DROP TABLE instalments
;;
DROP TABLE premium_schedules
;;
DROP TABLE payment_returns
;;
DROP TABLE payments
