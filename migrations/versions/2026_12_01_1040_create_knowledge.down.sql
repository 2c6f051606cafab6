DROP TABLE assistant_turns
;;
DROP TABLE assistant_sessions
;;
DROP TABLE kb_votes
;;
DROP TABLE kb_terms
;;
DROP TABLE kb_gaps
;;
DROP TABLE kb_editions
;;
DROP TABLE kb_articles
;;
DROP TABLE canned_responses
;;
DROP TABLE auto_reply_sendings
;;
DROP TABLE kb_words
;;
DROP TABLE auto_replies
;;
DROP FUNCTION crm_kb_terms(text, text, text[], text)
;;
DROP FUNCTION crm_words_of_kb_editions()
