import type { Texts } from '../en'

export const nav = { schedules: 'Zeitpläne', audio: 'Audiodateien', methods: 'Zustellwege', deliveries: 'Zustellungen', company: 'Firmeneinstellungen' }

export const media: Pick<Texts, 'schedules' | 'audio' | 'deliveries' | 'company'> = {
  schedules: {
    count: (n, more) => `${n}${more ? '+' : ''} ${n === 1 && !more ? 'Zeitplan' : 'Zeitpläne'}`, removed: (n) => `${n} wurde gelöscht`,
    lead: 'Wann Personen und Leitungen erreichbar sind. Außerhalb dieser Zeiten geht ein Anruf dorthin, wohin die Leitung es sagt.', add: 'Zeitplan hinzufügen', create: 'Neuer Zeitplan', edit: (n) => `${n} bearbeiten`,
    remove: (n) => `${n} löschen`, removeLead: 'Der Zeitplan wird endgültig gelöscht. Wird er noch verwendet, bleibt er, und Sie erfahren, wo.',
    empty: 'Noch keine Zeitpläne', emptyHint: 'Legen Sie einen an, etwa „Bürozeiten“, und wählen Sie ihn dann bei einem Benutzer oder einer Leitung.',
    name: 'Name', zone: 'Zeitzone', zoneHint: (home) => `Wenn leer, die der Firma: ${home}`, week: 'Woche', weekOf: (n) => `Die Woche von ${n}`, now: 'Jetzt', open: 'Offen', closed: 'Geschlossen',
    weekHint: 'Tippen Sie 9, 930 oder 17:00. Ein Ende vor dem Anfang geht über Mitternacht; ganztags ist 00:00 bis 24:00.', exceptions: 'Ausnahmen', exceptionsHint: 'Feiertage und andere Tage. Die Zeiten eines Datums ersetzen die seines Wochentags; ohne Zeiten ist geschlossen.',
    days: { mon: 'Montag', tue: 'Dienstag', wed: 'Mittwoch', thu: 'Donnerstag', fri: 'Freitag', sat: 'Samstag', sun: 'Sonntag' },
    hours: 'Zeiten', addRange: (of) => `Zeiten hinzufügen: ${of}`, removeRange: (of, n) => `Zeiten ${n} entfernen: ${of}`, from: (of, n) => `${of}, Zeiten ${n} von`, to: (of, n) => `${of}, Zeiten ${n} bis`,
    copyOf: (day) => `${day} übertragen auf …`, toWeekdays: 'Montag bis Freitag', toAll: 'Alle Tage', addDate: 'Datum hinzufügen', date: (n) => `Datum ${n}`, removeDate: (d) => `${d} entfernen`,
    badTime: 'Eine Uhrzeit ist keine wie 08:30, oder ein Anfang ist sein eigenes Ende.', badDate: 'Ein Datum fehlt.',
  },
  audio: {
    count: (n, more) => `${n}${more ? '+' : ''} ${n === 1 && !more ? 'Datei' : 'Dateien'}`, removed: (n) => `${n} wurde gelöscht`,
    lead: 'Begrüßungen, Ansagen und Musik. Ziehen Sie eine Datei irgendwo auf diese Seite.', add: 'Audio hinzufügen', empty: 'Noch keine Audiodateien', emptyHint: 'Laden Sie eine Begrüßung hoch oder nehmen Sie hier eine auf, und wählen Sie sie dann bei einer Leitung oder in den Firmeneinstellungen.',
    name: 'Name', length: 'Dauer', listen: 'Anhören', play: (n) => `${n} abspielen`, rename: (n) => `${n} umbenennen`, remove: (n) => `${n} löschen`,
    removeLead: 'Die Aufnahme wird endgültig gelöscht. Wird sie noch abgespielt, bleibt sie, und Sie erfahren, wo.',
    source: 'Woher der Ton kommt', fromFile: 'Eine Datei', fromMicrophone: 'Mikrofon', drop: 'Eine Tondatei hierher ziehen, oder', choose: 'Datei wählen', forms: 'WAV, MP3, OGG, FLAC oder M4A, höchstens 20 MB und eine halbe Stunde',
    chosen: (n, mb) => `${n}, ${mb} MB`, preview: 'Vor dem Speichern anhören', tooLarge: (n) => `${n} ist größer als 20 MB.`, emptyFile: (n) => `${n} ist leer.`, progress: 'Hochladen', converting: 'Wird gelesen …',
    record: 'Aufnehmen', stop: 'Stopp', recordHint: 'Sprechen Sie, nachdem Sie auf die Taste gedrückt haben. Vor dem Speichern können Sie es anhören.', level: 'Lautstärke', recordingName: 'Aufnahme',
    denied: 'Der Browser darf das Mikrofon nicht benutzen. Erlauben Sie es beim Schloss neben der Adresse und drücken Sie noch einmal auf Aufnehmen.', noMicrophone: 'Es ist kein Mikrofon angeschlossen.', busyMicrophone: 'Das Mikrofon ist nicht verfügbar; vielleicht benutzt es ein anderes Programm.',
    noRecorder: 'Dieser Browser kann hier nicht aufnehmen: Er braucht HTTPS oder eine neuere Version. Laden Sie stattdessen eine Datei hoch.', unreadable: 'Die Aufnahme konnte nicht gelesen werden. Versuchen Sie es noch einmal.',
  },
  deliveries: {
    count: (n, more) => `${n}${more ? '+' : ''} ${n === 1 && !more ? 'Zustellweg' : 'Zustellwege'}`, removed: (n) => `${n} wurde gelöscht`,
    countJobs: (n, more) => `${n}${more ? '+' : ''} ${n === 1 && !more ? 'Zustellung' : 'Zustellungen'}`, noJobs: 'Nichts ist unterwegs', noJobsHint: 'Was als Nächstes aufgezeichnet wird und jede Mail steht hier, bis sie angekommen ist.', noneFound: 'Keine davon', noneFoundHint: 'Nichts ist in diesem Zustand. Nehmen Sie den Filter weg, um alle zu sehen.',
    said: 'Was daraus wurde', discard: 'Verwerfen …', discardSubmit: 'Verwerfen', discarded: 'Die Zustellung wurde verworfen',
    lead: 'Wohin Aufzeichnungen und Sprachnachrichten geschickt werden; hier bleiben sie außerdem.', add: 'Zustellweg hinzufügen', create: 'Neuer Zustellweg', edit: (n) => `${n} bearbeiten`, remove: (n) => `${n} löschen`,
    removeLead: 'Dorthin wird nichts mehr geschickt. Verwendet ihn noch eine Leitung, bleibt er, und Sie erfahren, welche.', empty: 'Noch keine Zustellwege', emptyHint: 'Fügen Sie einen hinzu, probieren Sie ihn aus und wählen Sie ihn dann bei den Leitungen, die aufgezeichnet werden.',
    name: 'Name', kind: 'Art', where: 'Wohin', settings: 'Einstellungen', test: 'Testen', testOf: (n) => `${n} testen`, arrived: (where, ms) => `Angekommen: ${where} (${ms} ms)`, madeTitle: (name) => `Geheimnis von ${name}`, madeLead: 'Wer die Ereignisse empfängt, prüft damit die Unterschrift. Kopieren Sie es jetzt: Es wird nicht noch einmal gezeigt.', keep: 'Leer lassen, um das jetzige zu behalten.',
    publicOnly: 'Nur öffentliche Adressen werden erreicht, es sei denn, ein Betreiber erlaubt der Organisation private.',
    kinds: { disk: 'Festplatte', email: 'E-Mail', sftp: 'SFTP', s3: 'S3', webdav: 'WebDAV', webhook: 'Webhook' },
    kindHints: {
      disk: 'Ein Ordner im Datenverzeichnis der Anlage, wo auch eine andere Platte eingehängt sein kann.', email: 'Der Ton als Anhang, über den Mailserver der Firmeneinstellungen.', sftp: 'Ein Server, der Dateien über SSH annimmt.',
      s3: 'Amazon S3 oder was dieselbe Sprache spricht.', webdav: 'Nextcloud, ownCloud und andere WebDAV-Server.', webhook: 'Ein signierter POST an Ihr eigenes Programm (Standard Webhooks).',
    },
    fields: {
      path: 'Ordner', to: 'An', subject: 'Betreff', format: 'Ton als', max_mb: 'Höchstens (MB)', host: 'Host', port: 'Port', username: 'Benutzername', password: 'Passwort', private_key: 'Privater Schlüssel', passphrase: 'Passphrase des Schlüssels', host_key: 'Hostschlüssel',
      endpoint: 'Endpunkt', bucket: 'Bucket', region: 'Region', prefix: 'Präfix', path_style: 'Bucket im Pfad', access_key_id: 'Zugriffsschlüssel', secret_access_key: 'Geheimer Schlüssel', session_token: 'Sitzungs-Token', url: 'Adresse', content: 'Inhalt', base_url: 'Adresse dieser Anlage', secret: 'Signaturgeheimnis',
    },
    hints: {
      to: 'Eine oder mehrere, durch Kommas getrennt', max_mb: 'Größere werden nicht gemailt; 15, wenn leer', port: 'Wenn leer, der übliche', host_key: 'SHA256:… oder ssh-ed25519 AAAA…; wenn leer, gilt der der ersten Verbindung', 'disk.path': 'Etwa archiv/anrufe', 'sftp.path': 'Auf dem Server',
      endpoint: 'Etwa https://s3.eu-central-1.amazonaws.com', 'webdav.url': 'Etwa https://cloud.example.com/remote.php/dav/files/ich/anrufe', subject: 'Wenn leer: wer wen wann angerufen hat', base_url: 'Für Links zum Ton, etwa https://pbx.example.com',
    },
    choices: { 'format.wav': 'WAV', 'format.mp3': 'MP3: ein Zehntel der Größe', 'path_style.true': 'Ja', 'path_style.false': 'Nein', 'content.link': 'Ein Link zum Ton', 'content.audio': 'Der Ton selbst' },
    outboxLead: 'Alles, was hinausgeht: Aufzeichnungen, Sprachnachrichten und Mail. Eine Zustellung wird drei Tage lang versucht und wartet dann hier auf Sie.', state: 'Zustand',
    states: { dead: 'Gescheitert', queued: 'Wartet', done: 'Gesendet' },
    since: 'Seit', what: 'Was', method: 'Weg', attempts: 'Versuche', nextTry: 'Nächster Versuch', mailServer: 'Mailserver', jobs: { recording: 'Aufzeichnung', voicemail: 'Sprachnachricht', mail: 'Mail' },
    retry: 'Erneut versuchen', retryOf: (w) => `${w} erneut versuchen`, discardTitle: 'Diese Zustellung verwerfen?', discardLead: 'Sie wird nicht mehr versucht. Die Aufzeichnung bleibt auf der Anlage und nennt, wer ihre Zustellung verworfen hat.',
  },
  company: {
    identity: 'Firma', mainNumber: 'Hauptnummer', mainNumberHint: 'Nummern, die niemand hat', destinationHint: 'Was sie annimmt, wie ein Benutzer es wählen würde', sounds: 'Firmenmailbox und Musik',
    toAudio: 'Audiodateien', standard: 'Die übliche Begrüßung', silence: 'Stille', rules: 'Allgemeine Regeln', ringHint: 'Bevor ein Anruf als unbeantwortet gilt', rangeHint: 'Neue Nebenstellen kommen hierher', maxCallsHint: 'Gleichzeitig; 0: keine Grenze', emergencyHint: 'Gehen immer durch, was immer eine Leitung anrufen darf',
    billing: 'Rechnungskontakt', mail: 'Mailserver', mailHint: 'Verschickt Einladungen, Aufzeichnungen und Alarme. Ohne Host wird der des Betreibers benutzt.', fromHint: 'Eine Adresse, oder ein Name und eine Adresse in <>', portHint: '0: der übliche', keep: 'Leer lassen, um das jetzige zu behalten.',
    tls: { starttls: 'STARTTLS', tls: 'TLS von Anfang an', none: 'Nicht verschlüsselt' }, testTo: 'Testmail senden an', test: 'Testmail senden', saveFirst: 'Erst speichern: Der Test benutzt, was gespeichert ist.', mailed: (where) => `Gesendet: ${where}`,
    retention: 'Aufbewahrung', retentionHint: 'Was älter ist, wird endgültig gelöscht, spätestens eine Stunde nach der Frist; das Protokoll behält, dass es so war. Was noch auf seine Zustellung wartet, bleibt.', days: ' Tage', daysHint: '0: für immer',
    retentionWarning: 'Alles, was älter ist, wird binnen einer Stunde gelöscht, und niemand kann es zurückholen.', retentionTick: 'Ich will, dass Älteres gelöscht wird', discard: 'Änderungen verwerfen',
    fields: {
      name: 'Name', country: 'Land', time_zone: 'Zeitzone', language: 'Sprache', main_number: 'Hauptnummer', main_destination: 'Angenommen von', 'voicemail.enabled': 'Firmenmailbox', 'voicemail.greeting_audio_id': 'Begrüßung', 'voicemail.email': 'Nachrichten melden an',
      music_on_hold_audio_id: 'Wartemusik', ring_timeout_s: 'Sekunden klingeln', extension_range: 'Nebenstellenbereich', max_calls: 'Höchstzahl Anrufe', emergency_numbers: 'Notrufnummern', 'billing_contact.name': 'Name', 'billing_contact.email': 'E-Mail', 'billing_contact.phone': 'Telefon',
      'mail.host': 'Host', 'mail.from': 'Absender', 'mail.tls': 'Verschlüsselung', 'mail.port': 'Port', 'mail.username': 'Benutzername', 'mail.password': 'Passwort', 'retention.recording_days': 'Aufzeichnungen', 'retention.voicemail_days': 'Sprachnachrichten', 'retention.call_days': 'Anrufdaten',
    },
  },
}
