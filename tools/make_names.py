#!/usr/bin/env python3
"""Make assets/models/text_names.txt: the names by which a line of text is told to be a person's.

  make_names.py WORDS [-o FILE]

WORDS is a list of English words, a line each (american-english-small of Debian's package
wamerican-small 2020.12.07-2). Needs faker 40.63.0 (MIT), whose lists of given and family names of
Indonesia, India, the United States and Britain are taken; Malaysian names are written down here.
Names that are words as well, or places, are left out: on a sign they would be false alarms.
"""

from __future__ import annotations

import argparse
import hashlib
import importlib
import re
from pathlib import Path

LOCALES = ("id_ID", "en_IN", "en_US", "en_GB", "ta_IN")
LISTS = (
    *("first_names", "first_names_male", "first_names_female"),
    *("last_names", "last_names_male", "last_names_female"),
)
SHORTEST = 3
TARGET = Path(__file__).resolve().parent.parent / "assets" / "models" / "text_names.txt"

# Given names of Malay and Indian Malaysians.
OURS = """
aaminah abdul abdullah abidin abirami abu adam adib adibah adlina adnan afendi afif afifah afiq
afrina ahmad aidil aiman aina ainul aisha aishah aisyah akbar akmal ali alia alif alya amalina
amar ambiga amin amir amira amirah amirul amran amutha anand anandan anas anis anisah anitha
anjali annamalai anuar anwar aqil aqilah arfah arif ariff arina arissa arivalagan arumugam arun
arunachalam ashwin asokan asyikin asyraf athira athirah atikah awang ayob ayu ayub azam azhar
azhari azim azimah aziz azizah azizi azlan azlin azlina azlinda azman azmi azmin azrul azura azwan
badrul baharom baharuddin bakar balakrishnan baskaran basri bazli bhavani busra chandran chelliah
chinnasamy danial danish darshini daud dayana dayang deepa devaraj devarajan devi dewi
dhanalakshmi dharshini diana dinesh divya ehsan elango eliana emran erna ezani ezhil ezzati fadhil
fadhilah fadhli fadli fadzil fadzli faezah fahmi fairuz faisal faiz faizah faizal fajar fakhri
fakhrul farah farhan farhana farid faridah faris farisha fathi fatihah fatimah fatin fauzi fauziah
fazli fazlin firas firdaus fitri fuad ganesan ganesh gayathri ghazali gnanasegaran gopal gopalan
govindasamy gunasegaran habib hadi hadirah hafiz hafizah hafizuddin haida haikal hajar hakim
hakimah hakimi halijah halim halimah hamdan hamid hamidah hamizah hamzah hana hanafi hanif haniff
hanim hanis haridas haris harish harith hariz haron harun hasan hasanah hashim hashimah hasnah
hasnul hassan hawa hayati hazim haziq hazirah hazwan hema herman hidayah hidayat hisham hisyam
hizam husin husna hussain hussein ibrahim ibtisam ichwan idayu idris ikhwan ikmal ilango ilham
ilyas iman imani imran ina indra indran insyirah intan irfan irwan isa ishak iskandar islam ismail
izham izwan izyan izzah izzati jaafar jabar jagathesan jahaya jailani jalil jamal jamaliah
jamaluddin jamil jamilah janani jannah jasmin jasni jaya jayanthi jeevan jegan johari juhari julia
juliana junaidi kadir kalaivani kamal kamala kamaliah kamaruddin kamarudin kamarul kamarulzaman
kamil kamilah kanaga kanagaraj kannan karim karthigesu karthik kasim kavitha kaviyarasu kesavan
khadijah khadim khairi khairiah khairil khairuddin khairudin khairul khairunisa khairunnisa khalid
khalil komathi krishna krishnamoorthy krishnan kugan kumar kumaran kumaravel kumari kunalan
lakshmi latif latifa latifah letchumanan letchumi liyana loganathan logeswaran lokesh lokman
luqman mageswary mahadi mahani mahathir mahendran mahmood mahmud maimunah maisarah maizatul majid
malar malathi malek malik mani maniam manickam manimaran manoharan mansor mariam marina mariyam
marziah masitah masri mastura mat mathavan mazlan mazlina maznah meena meenakshi megat misbah
mogan mohamad mohamed mohammad mohan mohanraj mohd mokhtar moorthy muaz muhaimin muhamad muhammad
muhd muhsin mukhriz muniandy munirah munusamy muralitharan murugan musa mustafa mustapha mutalib
muthu muthusamy mutusamy muzaffar nabila nabilah nadarajah nadia nadiah nagarajan nages nageswari
naidu naim nair najib najihah najmi najwa nalini nandini nanthini naqib nasaruddin nasharuddin
nasir nasrul nasuha natasha nathan natrah navin nawawi nazifah nazihah nazirah nazmi nazri nazrul
nik nirmala nitya nizam nizar noor noordin noorul nor norain noraini norashikin norasyikin norazah
norazlina norazman norhafizah norhaslinda norhayati norhidayah norita norliza normah norsiah
norzila nur nurain nuraini nural nurfarah nurhaliza nurhayati nurin nurliyana nursyahirah nurul
nurulain omar osman othman padmanathan panneerselvam param paramesvaran parameswary parvathi
pavithra perisamy perumal pillai ponniah prabakaran prakash prema priya punitha puteri putri qasim
qayyum qistina rabiah radzi rafidah rafiq ragu rahim rahimah rahman raihan raj raja rajagopal
rajalingam rajan rajaratnam rajendra rajendran rajesh rajoo rama ramachandran ramalingam raman
ramasamy ramesh ramlah ramlan ramli ranjini rashid rashidah rasyid rauf ravi ravindran razak
razali redzuan renuka ridzuan rizal rohana rohani rohini rosdi roseli roslan rosli roslina rosliza
rosmah rosmani rosnah rozana rozita rubini ruslan rusli sabariah sabri sabrina safiah safuan sahar
said saidatul saiful salim salina salleh salmah salwa samad samsudin sanusi sarah sarala
saraswathy saravanan sarimah sarojini sashi sathya satish sazali segaran selvam selvaraj selvi
shaari shafie shafiq shaharuddin shahidan shahira shahril shahrizal shahrom shahrul shaiful
shalini shamsiah shamsuddin shamsudin shamsul shankar shanthi shanti sharif sharifah sharifuddin
sharma sharmila sharul shasitharan shobana shuhada shukri sidek sinnathamby siti siva sivakumar
sivalingam sivanesan sivaraj sockalingam sofea sofia sohaimi sothi subashini subramaniam sugumaran
suhaila suhaili suhaimi suhana sulaiman sumathi sundaram sundari suppiah suraya sures suresh suria
suriani syafika syafinaz syafiq syafiqah syahid syahirah syahmi syahril syahrul syaiful syakir
syamil syamsul syarifah syazana syazwan syazwani syed syuhada taib talib tamil tamilarasi
tamilselvi tanabalan taufik taufiq tengku termizi thamilselvan thanabalan thanaletchumi thanaraj
thangavelu theivanai thevi thiagarajan thilagavathi thinagaran thinesh thiru tuan uma umairah umar
ummi uthaya uthayakumar vadivelu valli vani vasanthi vasudevan veeramani veerappan velayutham
vellasamy velu venugopal vickneswary vigneswaran vijay vijaya vijayakumar vikneswaran vimala
visvanathan wahab wahid wan wani yaacob yahaya yahya yamuna yasin yasmin yazid yoga yogan
yoganathan yogeswaran yogeswary yunus yusof yusoff yusri yusuf zaharah zahari zahid zahir zahirah
zahrah zaid zaidi zaihan zaim zainab zainal zainol zainon zainuddin zaiton zakaria zaki zakri
zaleha zalina zamani zamri zamzuri zarif zarina zarinah zawawi zubir zuhair zuhairi zulaikha
zulfadli zulhilmi zulkarnain zulkefli zulkifli zuraida zuraidah zuriati
"""

# Places, months, trades and words of signs that are names too.
NO_NAMES = """
abbot african america angkasa antonio asia assam austin baker bali bandung bangalore barbara batu
bengal berlin bihar bintang bishop boston brook brooklyn budi bukit cahaya cambridge carolina
carter center centre chad chelsea chennai china christ christian city clara cliff clinic college
cooper cruz cuba dale dallas damai deccan delhi denver desa diego dream drive duke east energy
england english fisher florence france francisco french gandhi general georgia german glen gujarat
habib hawa heath holland hospital houston indah india indian irish islam israel jackson jakarta
jalan james java jaya jersey jesus john johor jordan kampung kedah kelantan kent kenya kerala kota
kuala lake lancaster lincoln london lumpur madison maha major malaysia mali mani maria marie mary
mason mat medical melaka melbourne merdeka milan monica mount mumbai murni mutiara negeri niger
nirmala north nursing oman orlando oxford pahang paris parker penang perak perdana perlis phoenix
porter prince princess pulau punjab putra raman raya river roma royal sabah said saint san santa
sarawak sawyer school selangor semarang sentosa setia sienna south spanish sri sumatra sungai
surabaya suria sydney taman tamil taylor terengganu thomas tyler university utama verona victoria
virginia washington wawasan welsh west york
"""

# Chinese family names, and the syllables of given names, as they are written in Malaysia.
SURNAMES = """
ang chan chang cheah chen cheng cheong chew chia chin chong chou chua fong foo gan goh ho hsu
huang khoo koh kok kong kuo kwan lai lam lau law lee leong leow li liao liew lim lin ling liu loh
looi low lum mah mok ng ngu ong ooi pang phang poon quek seow sia siew sim siow soh soo tan tang
tay tee teh teo teoh thong tiong toh tong tsai voon wan wang wee wong woo wu yang yap yeo yeoh yew
yip yong yoong zhang
"""
SYLLABLES = """
ah ai an bee beng bin boon chai chee cheng cheok chi chia chian chin ching choon chuan chun fang
fatt fei feng fong fook fung gek guan hai han hao heng hien hock hoe hong hooi hsien hua huat hui
hun hwa jia jian jie jin jing joo jun kah kai kang keat kee keong khai khim kian kim kin kit kong
kuan kwang kwok lai lan lay lee leng li lian liang lin ling loong mee mei meng miin min ming mooi
mui nam ngee pei peng phaik pin ping poh pooi qi qian ru rui san sang seng sheng shi shu shuang
siang siew sin sing siok sook soon suan sui swee sze tat teck teik teng thye tian tiong tong wah
wai wan wei wen weng xian xiang xiao xin xuan yan yang yee yen yi yin ying yit yoke yong yoon yu
yuan yue yuen yun zhen zheng zhi zi
"""


def names(words: set[str]) -> list[str]:
    """Every name that is none of the words, sorted."""
    found = set(OURS.split())
    for locale in LOCALES:
        provider = importlib.import_module(f"faker.providers.person.{locale}").Provider
        for entry in (entry for name in LISTS for entry in getattr(provider, name, ())):
            found |= {part.lower() for part in re.sub(r"[^A-Za-z ]", "", entry).split()}
    return sorted(name for name in found - words - set(NO_NAMES.split()) if len(name) >= SHORTEST)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("words", type=Path)
    parser.add_argument("-o", "--output", type=Path, default=TARGET)
    chosen = parser.parse_args()

    lines = (line.strip() for line in chosen.words.read_text("utf-8").splitlines())
    parts = {
        "names": names({line for line in lines if line.islower()}),
        "surnames": sorted(SURNAMES.split()),
        "syllables": sorted(SYLLABLES.split()),
    }
    text = "".join(f"[{part}]\n{' '.join(entries)}\n" for part, entries in parts.items())
    chosen.output.write_text(text, "utf-8", newline="\n")
    print(f"{chosen.output}: {', '.join(f'{len(v)} {k}' for k, v in parts.items())}")
    print(f"sha256 {hashlib.sha256(text.encode()).hexdigest()}")


if __name__ == "__main__":
    main()
