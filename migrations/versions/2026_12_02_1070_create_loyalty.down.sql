DROP TABLE loyalty_redemptions
;;
DROP TABLE loyalty_rewards
;;
DROP TABLE loyalty_transactions
;;
DROP TABLE loyalty_accounts
;;
DROP TABLE loyalty_programs
