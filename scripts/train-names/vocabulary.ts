// Words of medicine and of the trade that WordNet does not have: medicines, abbreviations, products. They are about nobody.

const list = (text: string): readonly string[] => text.trim().toLowerCase().split(/\s+/)

export const products = list(`
 Tylenol Advil Aleve Motrin Lipitor Crestor Zocor Zoloft Prozac Paxil Xanax Ativan Valium Klonopin Eliquis Xarelto Pradaxa Humira Enbrel Stelara Cosentyx Dupixent Skyrizi Rinvoq Ozempic Wegovy Mounjaro
 Jardiance Farxiga Lantus Basaglar Tresiba Toujeo Humalog Novolog Levemir Synthroid Levoxyl Plavix Brilinta Nexium Prilosec Protonix Pepcid Zantac Ventolin Proair Symbicort Advair Breo Trelegy Spiriva
 Keflex Augmentin Zithromax Cipro Levaquin Bactrim Macrobid Flagyl Valtrex Diflucan Lasix Bumex Norvasc Coreg Toprol Lopressor Cozaar Diovan Benicar Zestril Prinivil Lyrica Neurontin Cymbalta Effexor
 Wellbutrin Lexapro Celexa Remeron Buspar Adderall Ritalin Concerta Vyvanse Strattera Ambien Lunesta Percocet Norco Vicodin Oxycontin Suboxone Narcan Coumadin Januvia Trulicity Victoza Entresto Keppra
 Depakote Lamictal Topamax Tegretol Dilantin Seroquel Abilify Risperdal Zyprexa Geodon Latuda Vraylar Zofran Phenergan Reglan Benadryl Claritin Zyrtec Allegra Flonase Nasacort Singulair Chantix Tamiflu
 Paxlovid Fosamax Prolia Boniva Reclast Botox Kenalog Depo Decadron Solumedrol Medrol Mirena Nexplanon Depo-Provera Viagra Cialis Flomax Proscar Avodart Imitrex Maxalt Aimovig Emgality Nurtec Ubrelvy
 Colace Senna Miralax Dulcolax Imodium Lomotil Pepto Tums Mucinex Robitussin Sudafed Afrin Neosporin Betadine Chloraprep Hibiclens Dakin Silvadene Santyl Lovenox Heparin Kcentra Epogen Procrit Neupogen
 Remicade Entyvio Orencia Rituxan Keytruda Opdivo Herceptin Avastin Gleevec Revlimid Tecfidera Ocrevus Copaxone Shingrix Gardasil Prevnar Pneumovax Fluzone Boostrix Adacel Menactra Moderna Pfizer Comirnaty
 Mailchimp Zapier Hubspot Salesforce Zendesk Intercom Pipedrive Zoho Marketo Pardot Calendly Docusign Typeform Jotform Twilio Sendgrid Stripe Paypal Square Shopify Woocommerce Wordpress Wix Squarespace
 Quickbooks Xero Asana Trello Jira Notion Airtable Slack Zoom Webex Skype Whatsapp Instagram Tiktok Youtube Linkedin Pinterest Snapchat Telegram Outlook Gmail Onedrive Dropbox Sharepoint Github Gitlab Figma
 Epic Cerner Athenahealth Meditech Allscripts Kareo Eclinicalworks Nextgen Practicefusion Surescripts Labcorp Medtronic Fitbit Garmin Dexcom Omnipod Freestyle Libre Walgreens CVS Walmart Costco Uber Lyft
 Kaiser Aetna Cigna Humana Anthem Medicare Medicaid Tricare Medigap Obamacare Blackberry Android Windows Linux Macbook Ipad Kindle Alexa Siri Chatgpt
`)

export const abbreviations = list(`
 sob doe pnd pmh psh fhx shx ros hpi cc a/p heent perrla eomi cta rrr nad nabs nt nd wnl neg pos bilat b/l r/o s/p c/o h/o f/u p/w w/u d/c n/v abx dispo disp refill refills sig mcg meq mmol iu gtt tab tabs cap caps
 cxr mri ct us ekg emg ncs eeg tte tee egd ercp pft cbc bmp cmp lft lfts tfts ua ucx bcx abg vbg wbc rbc hgb hct plt mcv rdw anc na k cl bun cr gfr ast alt alp ggt tbili inr pt ptt crp esr bnp trop ck
 psa cea afp tsh ldl hdl tg a1c hba1c bmi bsa gcs nihss phq gad mmse moca ckd esrd aki copd ards dvt pe cad cabg pci stemi nstemi chf hfref hfpef afib svt vt pvc pac htn hld dm dm1 dm2 dka hhs gerd pud ibd
 ibs uti pyelo bph ed std sti hiv aids hcv hbv hpv hsv vzv cmv ebv mrsa vre cdiff tb copd osa cpap bipap peep fio2 spo2 bp hr rr temp wt ht ibw kg lbs cm mm ml dl cc prn bid tid qid qd qod qhs qam qpm ac pc hs po
 pr sl iv im sq sc npo nkda nka dnr dni icu micu sicu picu nicu pacu er ed or ob gyn ent gi gu ortho neuro psych peds derm onc heme rheum endo nephro cards pulm id pcp np pa rn lpn cna md do pt ot slp rd msw
 crm erp api sla kpi roi faq eob cob hsa fsa hmo ppo pos ssn dob mrn npi dea icd cpt hcpcs drg cms hhs hipaa phi baa ehr emr hie fhir saas b2b b2c mql sql arr mrr cac ltv nps csat seo ppc cta utm poc rfp sow nda
 vin imei udi mbi hicn iban bic aba abn tin ein psi bun hx rx dx tx sx fx asap eta etc fyi tba n/a diy ymca aaa aarp dmv irs ssi ssdi fmla ada osha ada wic snap
`)
