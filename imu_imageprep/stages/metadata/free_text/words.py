"""Words that tell a credit in free text from an everyday caption, in English and Malay."""

from __future__ import annotations

# Who sends pictures to newspapers, by names that nothing else has: a credit wherever they stand.
STOCK = (
    r"getty\s?images|gettyimages\w*|i-?stock\s?photos?|istock|shutterstock\w*|alamy|dreamstime"
    r"|deposit\s?photos|adobe\s?stock|fotolia|123rf|bigstock\w*|stocksy|freepik|vecteezy|pixabay"
    r"|pexels|unsplash|rawpixel|flickr\.com|wikimedia|wikipedia\s+commons|picture[\s-]alliance|nurphoto"
    r"|wireimage|rex\s?features|magnum\s+photos|zuma\s?press|sipa\s?(?:press|usa)|imago\s?images"
    r"|ap\s+images|associated\s+press|agence\s+france[\s-]presse|pa\s+(?:wire|images|media)"
)
# These are spoken of as well ("at the studio of Bernama"): a credit only where one stands.
AGENCY = (
    r"reuters|afp|bernama|epa-efe|xinhua|anadolu(?:\s+agency)?|kyodo|yonhap|nstp"
    r"|(?-i:T(?:he|HE)\s+(?:Star|STAR|Edge|EDGE))|new\s+straits\s+times|straits\s+times"
    r"|utusan\s+malaysia|berita\s+harian|harian\s+metro|sinar\s+harian|malay\s+mail|malaysiakini"
    r"|astro\s+awani|free\s+malaysia\s+today|sin\s+chew|china\s+press|borneo\s+post|ap\s+photo"
)
# These mean other things too ("NST": non-stress test): only beside a photographer or "photo".
AGENCY_TOO = (
    r"ap|pa|epa|efe|dpa|ansa|upi|tass|nst|kosmo|utusan|bloomberg|getty|flickr|magnum|corbis"
    r"|newscom|nasa|esa|who|antara"
)
# Namespaces (their address or their prefix) of those who sell or send pictures.
AGENCY_NAMESPACE = (
    r"getty|istock|shutterstock|alamy|dreamstime|depositphotos|adobestock|stock\.adobe|fotolia"
    r"|123rf|bigstock|corbis|reuters|apimages|associatedpress|\bap\.org|\bafp\b|\bdpa\b|dpa-"
    r"|picture-?alliance|\bepa\.|bernama|xinhua|imago-?images|\bansa\.|zumapress|paimages"
    r"|pressassociation|magnum|wireimage|rexfeatures|nurphoto|flickr|unsplash|pexels|pixabay"
    r"|wikimedia|freepik|vecteezy"
)


def _set(*lines: str) -> frozenset[str]:
    return frozenset(word for line in lines for word in line.split())


# Parts of names that are written small.
PARTICLES = _set(
    "bin binti bt bte b al el ibn van von der den de del della di da du la le san st",
    "and dan & for via of per und et y e a/l a/p s/o d/o @",
)
# A small word that begins a name as people of Malaysia write theirs.
GIVEN = _set("mohd muhd muhammad mohamad mohamed ahmad abdul abd nur nurul siti wan nik tengku")
# What stands after "by" or a colon and names nobody.
NOBODY = _set(
    "the a an my our me us own self myself ourselves we i this that these those some no none nil",
    "na unknown various it its his her their your you saya kami kita sendiri ini itu aku ku",
    "night day hand request email e-mail mail phone mobile smartphone handphone candlelight",
    "moonlight daylight sunlight accident chance default surprise category date year name number",
    "size type order colleague colleagues staff team students student friend friends",
    "noon midday midnight sunset sunrise dawn dusk ambulance nurse doctor drone webcam tripod",
    "timer selfie appointment as in at on to with one two three",
)
# Makers and kinds of devices: what took a picture, not who.
DEVICES = _set(
    "camera cameras iphone ipad android samsung galaxy huawei xiaomi oppo vivo realme redmi pixel",
    "canon nikon sony fujifilm fuji olympus panasonic leica pentax kodak casio gopro dji drone",
    "webcam scanner scan microscope endoscope dslr digital lens screenshot gimp photoshop adobe",
    "imagemagick software encoder gd-jpeg jpeg png lightroom canva inkscape powerpoint epson",
    "scanjet canoscan ricoh sanyo sigma minolta konica polaroid logitech hp xerox brother",
)
# What everyday captions are about; a text with one of them names a thing, a place or a day.
EVERYDAY = _set(
    "group class team family students student staff lecturers lecturer doctors nurses patients",
    "patient participants everyone audience guests visitors children people friends cat dog",
    "day night morning afternoon evening sunset sunrise view views scene landscape garden lake",
    "river beach sea mountain hill park tree trees flower flowers sky window door gate entrance",
    "fountain hall foyer lobby stairs corridor road street field stage building campus library",
    "cafeteria canteen auditorium theatre room office lab laboratory ward clinic bridge tower",
    "pool poolside seaside lakeside roadside fireplace window-side main front back side left right",
    "top bottom centre center middle before after above below close-up closeup overview detail",
    "graduation convocation ceremony event opening launch visit tour trip workshop course seminar",
    "lecture talk conference meeting symposium exhibition competition tournament match game dinner",
    "lunch breakfast gathering party celebration anniversary orientation camp training exam",
    "examination simulation demonstration practical session programme program project report",
    "week month year semester intake batch cohort award awards prize winners winner certificate",
    "speech award-giving award-winning selfie portrait wefie photo photos photograph image picture",
    "poster banner slide figure chart diagram graph table map logo icon screenshot cover draft",
    "final version copy original edited cropped test sample example untitled thumbnail placeholder",
    "chest x-ray xray ct mri scan ultrasound ecg abdomen knee hand heart lung brain skull spine",
    "histology biopsy slide microscopy specimen anatomy skin wound lesion teeth tooth eye model",
    "monday tuesday wednesday thursday friday saturday sunday january february march april may",
    "june july august september october november december today yesterday tomorrow soon tonight",
    "new good happy merry eid hari raya christmas deepavali lunar merdeka birthday wedding",
    "majlis konvokesyen konvo lawatan bengkel kursus ceramah mesyuarat perasmian pelancaran",
    "pelajar mahasiswa mahasiswi staf pensyarah doktor jururawat pesakit peserta tetamu keluarga",
    "kumpulan berkumpulan kelas makmal wad klinik dewan bangunan kampus perpustakaan kafeteria",
    "pejabat padang taman tasik pantai laut bukit gunung sungai pokok bunga kucing pemandangan",
    "pagi petang malam matahari terbenam kenangan bersama hiasan sekadar ilustrasi fail rajah",
    "jadual peta hadapan belakang kiri kanan atas bawah selepas sebelum sukan pertandingan",
    "sambutan perayaan gotong-royong anugerah pemenang sijil peperiksaan latihan program hari",
    "isnin selasa rabu khamis jumaat sabtu ahad januari februari mac mei jun julai ogos",
    "oktober disember tahun minggu bulan sesi",
    "guru terbuka kanak-kanak bahasa pahlawan wanita bapa ibu sekolah asrama kenegaraan merdeka",
    "campaign bus train car sponsors sponsor house",
    "booth hours jam kursi kerusi meja makan rumah lobi pintu tingkap",
)
# Everyday words that are names as well, beside a word that is none.
NAMES_TOO = _set("may april june mei hari park rose ling")
# What the names of places begin with: "Photo: Kuala Lumpur".
TOWNS = _set(
    "kuala petaling bukit kota pulau kampung taman jalan sungai johor negeri shah port batu penang",
    "perak kedah kelantan terengganu pahang selangor melaka sabah sarawak seremban ipoh klang",
    "bandar malaysia",
)
# Words of which a pair in brackets is no photographer and agency: "(Faculty A/Faculty B)".
PLACES = TOWNS | _set(
    "hospital universiti university school faculty fakulti jabatan department unit bahagian house",
    "first second third north south east west upper lower male female lelaki perempuan",
)
