DROP TABLE segment_marks
;;
DROP TABLE segment_members
;;
DROP TABLE segment_uses
;;
DROP TABLE segments
