// Words that are nobody's name although no dictionary of English has them: abbreviations of clinics, dentists, call centres and insurers, what people write in chats,
// what is called after its discoverer, and frequent words of Spanish and German notes, which German writes with capitals.

const toSet = (text: string): ReadonlySet<string> => new Set(text.trim().split(/\s+/))

/** In small letters. A word that is also a usual name does not belong here. */
export const safeWords = toSet(`
clr mbr cb lm vm ivr adv xfer cxl resched appt appts auth auths eob cob copay coins ded oop pcp hmo ppo epo hdhp ob eval evals recert dme hha snf ltc asap fyi eod eta n/a faq pto
bwx pa pas fmx pano bop prophy prophys srp ohi cej mod do mo dl ub endo perio ortho rct wl maf naocl edta gutta percha sealer fluoride varnish amalgam composite vita emax zirconia cdt hcpcs drg
ur ul lr ll tmj tmd bruxism occlusal mesial distal buccal lingual recall
x-ray x-rays xray xrays cxr kub ct cta mra mri pet dexa echo ekg ecg eeg emg us uti uri gerd copd chf cad cva tia dvt pe afib htn hld dm dm2 t2dm ckd esrd bph ibs ibd oa ra sle ms tb hiv hpv hcv
wbc rbc hgb hct plt mcv bun cr gfr egfr ast alt alp ldl hdl tsh inr ptt a1c psa bnp crp esr ana rf ua cbc cmp bmp abg lft lfts
bp hr rr spo2 bmi iop rom mmt dtr dtrs adl adls phq gad moca mmse rass gcs apgar nkda nka prn bid tid qid qhs qam qpm po iv im sc sq sl od os ou gtt tab tabs cap caps npo wnl wdwn nad perrla eomi
heent abd ext neuro psych resp gi gu ent obgyn peds ortho derm cards pulm heme onc nephro rheum sub-q s/p c/o w/o r/o h/o f/u
romberg babinski kernig brudzinski tinel phalen lachman mcmurray rovsing trendelenburg homans chvostek trousseau
sry thx thanx pls plz ur u r lol omg btw idk imo tmrw tmr hru np ty tysm yw gonna wanna gotta kinda ok okay yep yup nope hiya hey heya cheers bye congrats
english spanish french german italian portuguese russian arabic chinese mandarin cantonese japanese korean vietnamese tagalog hindi polish creole dutch greek hebrew turkish farsi urdu
hola gracias paciente pacientes señor señora señorita doctora llamó llama llame correo teléfono número seguro cita citas receta recetas tomar tome tomó volver vuelva presión dolor fiebre cabeza
refiere niega presenta nacida nacido vive domicilio esposo esposa hijo hija madre padre hermano hermana soy necesito quiero quisiera buenos buenas días tardes noches favor por para desde hasta
hoy mañana ayer tableta tabletas pastilla pastillas cada horas alimentos semanas meses años clínica hospital médico médica atendido atendida fue fueron está están tiene tenía hace sin con sobre
alergia alergias ninguna ninguno diagnóstico tratamiento medicamento medicamentos examen exámenes sangre resultado resultados control consulta mi su nuestro nuestra se es el la los las un una
patient patientin patienten herr frau sehr geehrte geehrter ihr ihre ihren ihrem termin termine bitte danke rückruf überweisung versichertennummer versichertenkarte versicherung krankenkasse
blutdruck puls keine kein allergie allergien bekannt kontrolle nüchtern kommen mitbringen wohnhaft geb tel telefon diagnose befund befunde therapie medikament medikamente tablette tabletten
rezept arzt ärztin praxis klinik krankenhaus untersuchung labor blut schmerz schmerzen fieber husten kopfschmerzen rücken heute morgen gestern woche wochen monat monaten monate jahr jahre
mit von für und oder nicht ist war wurde werden hat haben ich wir sie möchte heiße verschieben freundlichen grüßen grüße guten tag der die das den dem ein eine einen nach bei zur zum am im
nächste nächster nächstes wunde fäden reizlos entfernt seite rechts links beide hals nase ohren lunge herz magen bauch knie hüfte schulter
montag dienstag mittwoch donnerstag freitag samstag sonntag mutter vater sohn tochter bruder schwester ehemann ehefrau beschwerden seit unter über
`)
