// Frequent first names and surnames (after the public lists of the US Social Security Administration and Census Bureau, in the public domain), and words that are names
// as well as words.
// A list finds many people and never all: what the CRM itself knows (known-values.ts) and what a text says (names.ts) come first.

const toSet = (text: string): ReadonlySet<string> => new Set(text.trim().split(/\s+/))

export const firstNames = toSet(`
will bill rich drew pat gene art rod ross lee james robert john michael david william richard joseph thomas christopher charles daniel matthew anthony mark donald steven andrew paul joshua kenneth kevin brian timothy
ronald george jason edward jeffrey ryan jacob gary nicholas eric jonathan stephen larry justin scott brandon benjamin samuel gregory alexander patrick frank raymond jack dennis
jerry tyler aaron jose adam nathan henry zachary douglas peter kyle noah ethan jeremy christian walter keith austin roger terry sean gerald carl dylan harold jordan jesse bryan
lawrence arthur gabriel bruce logan billy joe alan juan elijah willie albert wayne randy mason vincent liam roy bobby caleb bradley russell lucas ralph eugene louis philip johnny
mary patricia jennifer linda elizabeth barbara susan jessica karen sarah lisa nancy sandra betty ashley emily kimberly margaret donna michelle carol amanda melissa deborah
stephanie rebecca sharon laura cynthia dorothy amy kathleen angela shirley emma brenda pamela nicole anna samantha katherine christine debra rachel carolyn janet maria olivia
heather helen catherine diane julie victoria joyce lauren kelly christina ruth joan virginia judith evelyn hannah andrea megan cheryl jacqueline madison teresa abigail sophia
martha sara gloria janice kathryn ann isabella judy charlotte julia amber alice jean denise frances danielle marilyn natalie beverly diana brittany theresa kayla alexis doris lori
tiffany jane jill erin holly tammy dawn tracy crystal gina wendy monica tina carla lucy ella mia ava amelia harper luna camila aria scarlett penelope layla chloe mila nora hazel
zoey riley violet aurora stella eleanor naomi elena hailey ivy claire bella skylar lillian addison natalia madelyn audrey leah savannah brooklyn anthony caroline genesis kennedy
maya allison quinn sadie isla gabriella ariana vivian ruby eva serenity autumn adeline sophie josephine madeline peyton lydia clara marie valentina isabelle eliza delilah
oliver theodore levi mateo sebastian asher leo ezra hudson luca wyatt jackson carter julian luke grayson isaac owen maverick nolan elias cooper hunter santiago everett miles
xavier axel leonardo wesley emmett silas declan ian adrian evan maxwell max cole connor colin gavin brody chad craig derek dustin travis trevor shane shawn shaun stuart stanley
ted teddy tom tommy tony tim jim jimmy bob rob ron don dan danny dave mike mick nick rick ricky steve greg jeff ken kenny ben sam samuel alex al andy pete phil matt josh zach
jake joey charlie chuck ed eddie fred freddie frederick ray kurt curtis clark clarence clifford clyde cecil earl elmer ernest floyd gordon harvey herbert herman homer howard
hugh irving ivan jerome leon leonard leroy lester lewis lloyd marvin maurice melvin milton morris neil nelson norman oscar perry ralph reginald rodney roland ross rudy sidney
sylvester theodore vernon victor wallace warren wilbur abraham alfred alvin angel angelo antonio armando arturo carlos cesar diego eduardo emilio enrique ernesto esteban felipe
fernando francisco gerardo gilberto guillermo gustavo hector hugo ignacio javier jesus joaquin jorge julio lorenzo luis manuel marco marcos mario martin miguel nicolas orlando
pablo pedro rafael ramon raul ricardo roberto rodrigo ruben salvador sergio ana alejandra beatriz carmen catalina claudia consuelo cristina daniela dolores elisa esperanza estela
fernanda gabriela graciela guadalupe ines isabel josefina juana julieta leticia lourdes lucia luisa luz marcela margarita mariana marisol mercedes miriam paula pilar raquel rocio
rosa rosario silvia sofia sonia susana veronica ximena yolanda agnes alma anita annette annie april arlene audrey becky bernice bertha bessie beth bonnie carrie cassandra
cathy cecilia charlene christie cindy clara colleen connie constance courtney daisy darlene della edith edna eileen elaine ellen elsie erica erma esther ethel eunice fannie
felicia flora florence gail geraldine gertrude ginger gladys glenda gwendolyn harriet hilda ida irene irma jackie jan jeanette jeanne jennie jenny jessie jo joann joanna joanne
josephine juanita kara karla kate katie katrina kay kelley kim krista kristen kristin kristina lena leona leslie lillie loretta lois lorraine louise lucille lynda lynn mabel mae
mandy marcia marian marion marjorie marlene marsha mattie maureen maxine melanie melinda mildred minnie misty molly muriel myrtle nellie nina norma olga opal paulette pauline
pearl peggy phyllis rena renee rhonda rita roberta robin rosemary roxanne sabrina sally sheila shelly sherri sherry sheri stacey stacy sue suzanne sylvia tamara tanya tara
tasha thelma toni tonya tricia trisha valerie vanessa vera vicki vickie viola vivian wanda whitney wilma yvette yvonne zoe aisha ali ahmed ahmad fatima hassan hussein ibrahim
khalid khadija layla mohammed mohamed muhammad mustafa omar rashid salma samir yusuf youssef zainab amit anil anita arjun deepak divya gita kavita kiran krishna lakshmi meera
mohan neha nikhil pooja pradeep priya rahul raj rajesh ravi sanjay shreya sunita suresh vijay vikram wei ming li jing yan hui ying xin jun hao chen mei ling hiroshi kenji
yuki akira takashi keiko naoko minh anh thu linh tuan hoang hyun jin soo ji eun min kofi kwame ama chidi ngozi chioma emeka olu tunde bola ade amara zuri imani jamal
jermaine darnell tyrone deshawn latoya lakisha ebony keisha shanice andre antoine jean pierre claude francois jacques michel philippe marie sophie camille hans jurgen klaus
wolfgang dieter heinz uwe ute heike ingrid ursula gerhard helmut stefan matthias lars sven nils olaf erik astrid ingrid bjorn anders giovanni giuseppe luigi paolo marco
francesca giulia chiara alessandro ivan igor boris vladimir dmitri sergei alexei natasha svetlana tatiana olga irina ludmila oksana katarzyna agnieszka piotr pawel andrzej
tomasz zofia nikolaos dimitri eleni yannis kostas moshe shlomo yael rivka ariel noa avi eitan siobhan niamh aoife sinead cormac eoin liam padraig rhys gareth bronwyn
`)

export const surnames = toSet(`
smith johnson williams brown jones garcia miller davis rodriguez martinez hernandez lopez gonzalez wilson anderson thomas taylor moore jackson martin lee perez thompson white
harris sanchez clark ramirez lewis robinson walker young allen king wright scott torres nguyen hill flores green adams nelson baker hall rivera campbell mitchell carter roberts
gomez phillips evans turner diaz parker cruz edwards collins reyes stewart morris morales murphy cook rogers gutierrez ortiz morgan cooper peterson bailey reed kelly howard ramos
kim cox ward richardson watson brooks chavez wood james bennett gray mendoza ruiz hughes price alvarez castillo sanders patel myers long ross foster jimenez powell jenkins perry
russell sullivan bell coleman butler henderson barnes gonzales fisher vasquez simmons romero jordan patterson alexander hamilton graham reynolds griffin wallace moreno west cole
hayes bryant herrera gibson ellis tran medina aguilar stevens murray ford castro marshall owens harrison fernandez mcdonald woods washington kennedy wells vargas henry chen
freeman webb tucker guzman burns crawford olson simpson porter hunter gordon mendez silva shaw snyder mason dixon munoz hunt hicks holmes palmer wagner black robertson boyd
rose stone salazar fox warren mills meyer rice schmidt garza daniels ferguson nichols stephens soto weaver ryan gardner payne grant dunn kelley spencer hawkins arnold pierce
hansen peters santos hart bradley knight elliott cunningham duncan armstrong hudson carroll lane riley andrews alvarado ray delgado berry perkins hoffman johnston matthews
pena richards contreras willis carpenter lawrence sandoval guerrero george chapman rios estrada ortega watkins greene nunez wheeler valdez harper burke larson santiago maldonado
morrison franklin carlson austin dominguez carr lawson jacobs obrien lynch singh vega bishop montgomery oliver jensen harvey williamson gilbert dean sims espinoza howell li wong
reid hanson le mccoy garrett burton fuller wang weber welch rojas lucas marquez fields park yang little banks padilla day walsh bowman schultz luna fowler mejia davidson acosta
brewer may holland juarez newman pearson curtis cortez douglas schneider joseph barrett navarro figueroa keller avila wade molina stanley hopkins campos barnett bates chambers
caldwell beck lambert miranda byrd craig ayala lowe frazier powers neal leonard gregory carrillo sutton fleming rhodes shelton schwartz norris jennings rios watts duran walters
cohen mcdaniel moran parks steele vaughn becker holt deleon barker terry hale leon hail benson haynes horton miles lyons pham graves bush thornton wolfe warner cabrera mckinney
mann zimmerman dawson lara fletcher page mccarthy love robles cervantes solis erickson reeves chang klein salinas fuentes baldwin daniel simon velasquez hardy higgins aguirre lin
cummings chandler sharp barber bowen ochoa dennis robbins liu ramsey francis griffith paul blair oconnor cardenas pacheco cross calderon quinn moss swanson chan rivas khan
rodgers serrano fitzgerald rosales stevenson christensen manning gill curry mclaughlin harmon mcgee gross doyle garner newton burgess reese walton blake trujillo adkins brady
goodman roman webster goodwin fischer huang potter delacruz montoya todd wu hines mullins castaneda malone cannon tate mack sherman hubbard hodges zhang guerra wolf valencia
saunders franco rowe gallagher farmer hammond hampton townsend ingram wise gallegos clarke barton schroeder maxwell waters logan camacho strickland norman person colon parsons
frank harrington glover osborne buchanan casey floyd patton ibarra ball tyler suarez bowers orozco salas cobb gibbs andrade bauer conner moody escobar mcguire lloyd mueller
hartman french kramer mcbride pope lindsey velazquez norton mccormick sparks flynn yates hogan marsh macias villanueva zamora pratt stokes owen ballard lang brock villarreal
charles drake barrera cain patrick pineda burnett mercado santana shepherd bautista ali shaffer lamb trevino mckenzie hess beil olsen cochran morton nash wilkins petersen briggs
shah roth nicholson holloway lozano flowers rangel hoover arias short mora valenzuela bryan meyers weiss underwood bass greer summers houston carson morrow clayton whitaker
decker yoder collier zuniga carey wilcox melendez poole roberson larsen conley davenport copeland massey lam huff rocha cameron jefferson hood monroe anthony pittman huynh
randall singleton kirk combs mathis christian skinner bradford richard galvan wall boone kirby wilkinson bridges bruce atkinson velez meza roy vincent york hodge villa abbott
allison tapia gates chase sosa sweeney farrell wyatt dalton horn barron phelps yu dickerson heath foley atkins mathews bonilla acevedo benitez zavala hensley glenn cisneros
harrell shields rubio huffman choi boyer garrison arroyo bond kane hancock callahan dillon cline wiggins grimes arellano melton oneill savage ho beltran pitts parrish ponce
müller schmidt schneider fischer weber meyer wagner becker schulz hoffmann koch richter klein wolf schröder neumann schwarz zimmermann braun krüger hofmann hartmann lange
ivanov petrov novak kowalski nowak rossi russo ferrari esposito bianchi dubois durand leroy moreau lefebvre okafor mensah adeyemi abdullah hussain ahmed ahmad chowdhury
sharma gupta kumar verma rao reddy nair iyer mehta joshi tanaka suzuki yamamoto nakamura watanabe kobayashi park jung doe roe bloggs
`)

/** Names that are words: they need a title, a cue or a surname beside them. */
export const ambiguousNames = toSet(`
will may mark grace hope faith rose bill art frank grant chase jack drew dawn april june august summer autumn joy joyce ray rich rob sue pat gene dean earl guy heath iris ivy jade
jasmine lily daisy ruby pearl opal amber crystal violet hazel olive holly ginger penny robin sandy skip stone sterling max miles wade dale glen cliff forest reed clay cole
christian angel jesus genesis trinity destiny harmony melody mercy patience serenity star sky summer winter chance hunter mason cooper carter tanner tucker porter parker fisher
baker cook king young long white black green brown gray rice bell wood woods hill lane field fields park parks banks west day page price sharp small little love moody wise strong
savage short cross ball bush fox wolf bird crane lamb bond cash mills wells waters rivers stokes cotton rhodes brooks ford english french german holland jordan israel paris
london austin dallas houston madison lincoln washington jackson jefferson monroe hamilton orlando sierra dakota carolina virginia georgia florence charlotte victoria savannah
phoenix brooklyn chelsea geneva sydney adelaide regina salvador santiago kenya china india asia america person case marsh norm peg bob don ed al jo jan ann tom jean major
justice pope bishop noble royal regal duke prince early best pace power powers sparks bright golden silver diamond hardy swift gill grace christie norton page li le ho an do so
min ji jin sun ming yan hui jun ama ali raj luz sol pilar alma rocio cruz leon roman franco colon vega luna lane cane horn hart head foot hand hands bass salmon pike
pollard hood mann man boy child singer turner carpenter farmer miller taylor smith weaver potter shepherd gardner hunt chan ross moss heather
`)

/** Capitalised words that begin a sentence or a heading and are nobody. */
export const commonWords = toSet(`
a about above after again all also although am an and another any are as ask at be because been before being below between both but by call called can cannot client could daily date
dear did diagnosis discharge do does doctor done dose due during each either email emergency end every exam fax few fill first follow followup for from further get give go good
had has have he hello help her here hers hi him his history home hospital how however i if in insurance into is it its just labs last let like made make man many mailing me
medical medication medications meeting message more most mr mrs ms my need never new next no none nor not note notes now number of off ok okay old on once one only or order other our
out over own patient phone physical plan please post pre prescription previous prior problem progress provider pt re reason record refer referral regarding regards reply report
request result results return review said same schedule scheduled sent service she should since sincerely so some someone start started status still stop street subject such
summary surgery symptoms take talk team tell test thank thanks that the their them then there these they this those though thus to today together tomorrow too treatment
under until unit up upon update us use used using vital vitals very visit wants was we week weekly well went were what when where which while who whom why wife will with within
without woman would x yes yesterday yet you your yours monday tuesday wednesday thursday friday saturday sunday january february march april june july august september october
november december blood pressure heart rate pain chest left right upper lower acute chronic mild severe type diabetes hypertension cancer disease syndrome disorder test allergy
allergies asthma copd mri ct ekg ecg xray icd cpt er icu nurse rn md np pa do phd mother father husband son daughter brother sister spouse parent guardian caregiver family
friend caller contact customer lead account member policy group claim ticket case id mrn dob ssn name address city state zip country street avenue road apt suite box po
crm salesforce hubspot zoho slack google microsoft amazon apple facebook linkedin twitter zoom outlook gmail api url http https www html json xml csv pdf
`)

/** What is called after its discoverer: a name before it is nobody's. */
export const eponymNouns = toSet(`
disease syndrome sign test procedure criteria score scale palsy lymphoma maneuver manoeuvre tumor tumour catheter phenomenon reflex fracture thyroiditis ulcer node nodes
contracture chorea sarcoma cell cells duct gland spots stain tube classification coma index law line disorder method nevus position esophagus anemia law's dementia virus gait maneuvers solution
monitor smear stain cyst point line
`)

/** What a name can stand before without being a person. */
export const medicalNouns: ReadonlySet<string> = new Set([...eponymNouns, ...toSet(`
clinic hospital university center centre medical street avenue road drive lane blvd court county foundation institute school college inc llc corp company pharmacy
`)])

/** Whole countries stay (45 CFR 164.514(b)(2)(i)(B) speaks of what is smaller than a state); those that are names of people too are not here. */
export const countries: ReadonlySet<string> = new Set(`
afghanistan|albania|algeria|andorra|angola|argentina|armenia|australia|austria|azerbaijan|bahamas|bahrain|bangladesh|barbados|belarus|belgium|belize|benin|bhutan|bolivia|bosnia and herzegovina|botswana|
brazil|brunei|bulgaria|burkina faso|burundi|cambodia|cameroon|canada|cape verde|central african republic|chile|china|colombia|comoros|congo|costa rica|croatia|cuba|cyprus|czech republic|czechia|denmark|
djibouti|dominican republic|ecuador|egypt|el salvador|england|equatorial guinea|eritrea|estonia|eswatini|ethiopia|fiji|finland|gabon|gambia|germany|ghana|greece|grenada|guatemala|guinea|guyana|haiti|
honduras|hungary|iceland|india|indonesia|iran|iraq|ireland|italy|ivory coast|jamaica|japan|kazakhstan|kenya|kiribati|kosovo|kuwait|kyrgyzstan|laos|latvia|lebanon|lesotho|liberia|libya|liechtenstein|lithuania|
luxembourg|madagascar|malawi|malaysia|maldives|mali|malta|marshall islands|mauritania|mauritius|mexico|moldova|mongolia|montenegro|morocco|mozambique|myanmar|namibia|nauru|nepal|netherlands|new zealand|
nicaragua|niger|nigeria|north korea|north macedonia|macedonia|northern ireland|norway|oman|pakistan|palau|palestine|panama|papua new guinea|paraguay|peru|philippines|poland|portugal|puerto rico|qatar|romania|
russia|rwanda|saudi arabia|scotland|senegal|serbia|seychelles|sierra leone|singapore|slovakia|slovenia|somalia|south africa|south korea|south sudan|spain|sri lanka|sudan|suriname|sweden|switzerland|syria|taiwan|
tajikistan|tanzania|thailand|togo|tonga|trinidad and tobago|tunisia|turkey|turkmenistan|tuvalu|uganda|ukraine|united arab emirates|united kingdom|united states|uruguay|uzbekistan|vanuatu|venezuela|vietnam|
wales|western sahara|yemen|zambia|zimbabwe|europe|asia|africa|america|north america|south america|usa|uk|eu
`.replaceAll('\n', '').split('|'))
