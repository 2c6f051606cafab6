DROP TABLE file_links
;;
DROP TABLE files
;;
DROP TABLE file_leftovers
;;
DROP FUNCTION crm_file_left()
;;
DROP FUNCTION crm_words_of_files_added()
;;
DROP FUNCTION crm_words_of_files_changed()
;;
DROP FUNCTION crm_words_of_files_removed()
