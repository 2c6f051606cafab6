# ruff: noqa: E501 - lines as programs write them
"""Mails as they really come: what stands in them, and what was written just now."""

SAID = "Bonjour,\n\nMon véhicule est immobilisé depuis hier."
QUOTE = "> Bonjour,\n> Pouvez-vous nous envoyer le constat ?\n>\n> Service clients"
INTRODUCTIONS = {
    "Gmail": "Le lun. 23 nov. 2026 à 14:32, El Amana <support@elamana.dz> a écrit :",
    "Gmail, over two lines": "Le lun. 23 nov. 2026 à 14:32, El Amana Assurances Service Clients\n<support@elamana.dz> a écrit :",
    "Gmail, without accents": "Le lun. 23 nov. 2026 a 14:32, El Amana <support@elamana.dz> a ecrit :",
    "Thunderbird": "Le 23/11/2026 à 14:32, El Amana a écrit :",
    "Thunderbird, address only": "Le 23/11/2026 à 14:32, support@elamana.dz a écrit :",
    "Apple Mail": "> Le 23 nov. 2026 à 14:32, El Amana <support@elamana.dz> a écrit :",
    "Apple Mail, first of the month": "Le 1er déc. 2026 à 09:02, El Amana <support@elamana.dz> a écrit :",
    "Yahoo": "Le lundi 23 novembre 2026 à 14:32:10 UTC+1, El Amana <support@elamana.dz> a écrit :",
    "Zimbra": 'De: "El Amana" <support@elamana.dz>\nÀ: "Karim" <karim@exemple.dz>\nEnvoyé: Lundi 23 Novembre 2026 14:32:10\nObjet: Votre dossier',
    "Outlook": "De : El Amana <support@elamana.dz>\nEnvoyé : lundi 23 novembre 2026 14:32\nÀ : karim@exemple.dz\nObjet : RE: Votre dossier",
    "Outlook, bold": "*De :* El Amana <support@elamana.dz>\n*Envoyé :* lundi 23 novembre 2026 14:32\n*À :* karim@exemple.dz\n*Objet :* Votre dossier",
    "Outlook, ruled": "________________________________\nDe : El Amana <support@elamana.dz>\nEnvoyé : lundi 23 novembre 2026 14:32\nÀ : karim\nObjet : Votre dossier",
    "Outlook, English": "From: El Amana <support@elamana.dz>\nSent: Monday, November 23, 2026 2:32 PM\nTo: karim@exemple.dz\nSubject: RE: Votre dossier",
    "Outlook Express": "-----Message d'origine-----\nDe : El Amana",
    "Outlook Express, curly": "----- Message d’origine -----",
    "Original message": "-----Original Message-----",
    "Gmail, English": "On Mon, Nov 23, 2026 at 2:32 PM El Amana <support@elamana.dz> wrote:",
    "Roundcube": "Le 2026-11-23 14:32, El Amana a écrit :",
    "ISO and address": "2026-11-23 14:32 GMT+01:00 El Amana <support@elamana.dz>:",
    "Gmail, Arabic": "في الاثنين، 23 نوفمبر 2026 في 2:32 م كتب El Amana <support@elamana.dz>:",
    "Ticket marker": "## Répondre au-dessus de cette ligne ##",
    "Ticket ruler": "--- Répondre au-dessus de cette ligne ---",
    "Courriel": "---- Courriel original ----",
    "Arabic ruler": "----- الرسالة الأصلية -----",
}
SIGNATURES = {
    "standard": "-- \nKarim Bouchareb\nGérant, SARL Transports KB\n0550 12 34 56",
    "standard, no blank": "--\nKarim Bouchareb",
    "iPhone": "Envoyé de mon iPhone",
    "Android": "Envoyé depuis mon appareil Samsung Galaxy",
    "mobile": "Envoyé depuis mon mobile Djezzy",
    "Outlook mobile": "Télécharger Outlook pour Android",
    "Yahoo": "Envoyé à partir de Yahoo Mail pour iPhone",
    "English": "Sent from my iPhone",
    "Arabic": "أرسل من جهاز iPhone الخاص بي",
    "notice": "Ce message et toutes les pièces jointes sont confidentiels et établis à l'intention exclusive de leurs "
    "destinataires. Toute utilisation ou diffusion non autorisée est interdite. Si vous recevez ce message par erreur, "
    "merci de le détruire.",
    "paper": "Pensez à l'environnement avant d'imprimer ce courriel.",
}
CLOSINGS = (
    "Cordialement,",
    "Bien cordialement",
    "Très cordialement,",
    "Meilleures salutations,",
    "Salutations distinguées.",
    "Cdlt,",
    "Bonne journée,",
    "Bonne réception",
    "Dans l'attente de votre réponse, recevez mes salutations.",
    "Je vous prie d'agréer, Madame, Monsieur, l'expression de mes sentiments distingués.",
    "Veuillez agréer, Monsieur, mes salutations respectueuses.",
    "Best regards,",
    "مع خالص التحية",
)
UNDER_A_CLOSING = "Karim BOUCHAREB\nSARL Transports KB\nTél. : 0550 12 34 56\n12, rue Didouche Mourad, Alger"
UNTOUCHED = {
    "a price list": "De : Alger\nVers : Oran\nLe trajet coûte 2 000 DA.",
    "written is a word": "L'expert a écrit que le véhicule est irréparable : que dois-je faire ?",
    "the day it happened": "Le 23/11/2026 à 14:32, un camion m'a percuté : le constat est joint.",
    "answers between the lines": "> Avez-vous le constat ?\nOui, je le joins.\n> Et la carte grise ?\nElle est chez l'expert.",
    "only a quote": QUOTE,
    "only a formula": "Cordialement",
    "a list with dashes": "Il manque :\n- le constat\n- la carte grise\nQue faire ?",
    "a question after the formula": "Bonne journée,\nau fait, avez-vous reçu mon chèque ?",
    "a long text after the formula": "Cordialement,\nPS : "
    + "le garage me dit que la pièce n'arrivera pas avant deux semaines ; " * 2,
    "sent is a verb": "J'ai envoyé de mon côté tous les documents demandés la semaine dernière.",
    "forwarded": "Pour information.\n---------- Forwarded message ---------\nDe : Garage <g@g.dz>\nDate : lundi\nObjet : devis\nÀ : moi\nLe devis est de 90 000 DA.",
    "forwarded, Apple": "Début du message transféré :\nDe : Expert <e@e.dz>\nObjet : rapport\nDate : lundi\nLe rapport est prêt.",
}
