DROP TABLE appointment_engagements
;;
DROP TABLE mission_orders
;;
DROP TABLE calendar_feeds
;;
DROP TABLE appointments
;;
DROP TABLE appointment_resources
;;
DROP TABLE appointment_capacities
