DROP TABLE social_mentions
;;
DROP TABLE social_accounts
