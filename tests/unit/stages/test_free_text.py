from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imu_imageprep.domain.metadata import Credit, CreditField
from imu_imageprep.stages.metadata.free_text import stated

SOMEONES = """
© 2024 Jane Roe
Jane Roe ©
Sunset over Penang © Jane Roe 2024
ⓒ Jane Roe
&copy; Jane Roe
(c) 2024 Jane Roe. All rights reserved
(C) Jane Roe
( c ) Jane Roe
(c) jane roe
Sunset over Penang (c) Jane Roe
Sunset over Penang, (c) jane roe
(ｃ) 2024 Jane Roe
(с) 2024 Джейн Роу
Copyright 2024 Jane Roe
copyright jane roe
Copyright: Jane Roe
COPYRIGHT JANE ROE
Copyrighted material
The copyright of this photo belongs to the Agency X
Held under copyright by Agency X
Some rights reserved
Alle Rechte vorbehalten
Tous droits réservés
版权所有
Hak cipta Jane Roe
Hak Cipta Terpelihara
hakcipta terpelihara 2024
Semua hak cipta terpelihara
Photo: Jane Roe
PHOTO: JANE ROE
Photo : Jane Roe
Ｐｈｏｔｏ：Jane Roe
Pho\u200bto: Jane Roe
Photos: Jane Roe and John Doe
Photo: J. Roe
Photo: Dr. Jane Roe
Photo: @janeroe
Photo: Jane Roe, Agency X
Photo: Agency X
Photo by Jane Roe
photo by jane roe
A campus. Photo by Jane Roe at the gate
Photo by Jane Roe on Unsplash
Photographed by Jane Roe
Photo taken by Jane Roe
Taken by Jane Roe
Picture courtesy of Jane Roe
Courtesy of Jane Roe
Photo courtesy Jane Roe
Credit: Jane Roe
Credit: jane roe
Photo credit: Jane Roe
Image credit: jane_roe
Image: Jane Roe
Photographer: Jane Roe
Foto: Ahmad bin Ali
Foto: ahmad ali
FOTO: AHMAD ALI
Foto oleh Ahmad Ali
Gambar: Siti Nurhaliza binti Ahmad
Gambar: Bernama
Gambar oleh Siti Aminah
Gambar ihsan Siti Aminah
Foto ihsan: Kementerian Kesihatan
Kredit: Siti Aminah
Kredit foto: Siti Aminah
Jurugambar: Siti Aminah
Sumber: Bernama
Sumber gambar: Siti Aminah
Majlis di Dewan Besar. - Bernama
Majlis di Dewan Besar --fotoBERNAMA (2024) HAK CIPTA TERPELIHARA
Majlis di Dewan Besar (Bernama)
BERNAMA
The minister at the hospital. (Photo by Jane Roe/Agency X)
The minister at the hospital. (Photo by Jane Roe/AFP via Getty Images)
The minister at the hospital (AP Photo/Jane Roe)
The minister at the hospital. REUTERS/Jane Roe
The minister at the hospital. Jane Roe/Reuters
The minister at the hospital (Jane Roe/Agency X)
The minister at the hospital (Jane Roe for Agency X).
The minister at the hospital — AFP
AFP PHOTO / JANE ROE
Getty Images
shutterstock_123456789
iStock-123456
alamy stock photo
Source: Jane Roe
File source: https://commons.wikimedia.org/wiki/File:Example.jpg
Downloaded from the internet
Diambil dari Facebook
Repost @janeroe
📷 @janeroe
📸: Jane Roe
Mandatory credit
For editorial use only
NO SALES, NO ARCHIVES
Used with permission of the hospital
Not to be published without permission
Dilarang menyalin tanpa kebenaran
Licensed under CC BY-SA 4.0
CC BY 4.0
https://creativecommons.org/licenses/by/4.0/
FBMD01000abc0300004e2b0000
Property of Agency X
摄影：张伟
Courtesy: Jane Roe
Credits: NASA/JPL-Caltech
Photo credit Jane Roe
PHOTO/JANE ROE
Photo - Jane Roe
Photo: May Lim
Foto: Hari Krishnan
Photo by The Star
NSTP/Ahmad Ali
EPA-EFE/JANE ROE
Foto: dpa
(Xinhua/Zhang Wei)
Image via Shutterstock
Picture from Facebook
by Jane Roe
2024 (c) Agency X
Property of Jane Roe
Unauthorised use is prohibited
Photo supplied by the hospital
[Jane Roe/Agency X]
A campus (handout via REUTERS)
REUTERS/Jane Roe/File Photo
Christoph Example, public domain
https://www.shutterstock.com/image-photo/1
Downloaded from Pinterest
Screenshot from TikTok
Sumber gambar: Internet
Ihsan gambar: Ali
Credits to the owner
credit to the rightful owner
CTTO
Please credit Jane Roe
Must credit: @janeroe
Kindly credit the photographer
Lensed by Jane Roe
撮影者: 山田太郎
写真：山田太郎
사진=홍길동
Фото: Иван Иванов
Все права защищены
Todos os direitos reservados
Alle rechten voorbehouden
جميع الحقوق محفوظة
""".strip().splitlines()

NOBODYS = """
A photo by the lake
Group photo by the fountain
Photo by the main entrance
Photos by Friday please
Photo by night
Photo by our team
Photo: our team
Photo: own work
Photo: me
Foto: sendiri
Foto oleh saya
Photo 1: students in the laboratory
Photo: the lake in the morning
Photo: Group of students
Photo: Convocation Day 2024
Photo: IMG_1234.JPG
Photo: 12
Image: Chest X-ray
Image: 3 of 12
Image: CT scan of the abdomen
Image: Heart
Gambar: Majlis konvokesyen 2024
Gambar: Majlis Konvokesyen
Gambar: pelajar di makmal
Gambar: Kucing
Gambar hiasan
Gambar sekadar hiasan
Gambar dari tingkap pejabat
Gambar kenangan bersama keluarga
Copyright-free
copyright free music was played
No copyright
Not copyrighted
Talk on copyright
A talk about copyright law
Copyright workshop for lecturers
Bengkel hak cipta untuk pensyarah
Ceramah tentang hak cipta
Bebas hak cipta
Panels (a) before, (b) during and (c) after surgery
Figure 1(c) Histology of the lung
Panel (c) shows the left ventricle
Body temperature 37 (C) at noon
Vitamin (C) Tablets
(a) Kidney (b) Liver (c) Spleen
Light source: LED
Power source: battery
Course credit: 3 hours
Credit hours: 3
Credit: 3
Kredit: 3 jam
Courtesy call on the Vice-Chancellor
Courtesy visit to Agency X
Lunch courtesy of the dean
Mohd Ihsan bin Ali receives his award
Visit to the Bernama studio
Lawatan ke Bernama TV
Interview with a Reuters journalist
Wartawan dari Bernama menemu bual pelajar
The star of the evening
Chest X-ray (AP)
Chest X-ray, AP/lateral view
PA view of the chest
Students (Year 2/Year 3)
Before/After
Ravi a/l Muthu and Devi a/p Raju
Dr Lim (left) and Ravi (A/L Muthu)
The road (Kuala Lumpur/Petaling Jaya)
Ali Bakar, Year 2, Faculty of Medicine
Students taking a photo by hand
She was taken by surprise
Blood sample taken by nurse
Patient taken by ambulance to the ward
Taken by iPhone 12
Photo by Canon EOS
Shot by drone over the campus
Newly licensed to practise medicine
The right to reserve a seat
Hak pesakit
Rights of patients
Created with GIMP
CREATOR: gd-jpeg v1.0 (using IJG JPEG v62), quality = 90
LEAD Technologies Inc. V1.01
Intel(R) JPEG Library, version 1.5.4.36
Optimized by JPEGmini 3.14
File written by Adobe Photoshop¨ 4.0
JPEG Encoder Copyright 1998, James R. Weeks and BioElectroMech.
Processed by eBay with ImageMagick, z1.1.0. ||B2
OLYMPUS DIGITAL CAMERA
SAMSUNG CAMERA PICTURES
AppleMark
Screenshot
Exif JPEG
http://www.rtlsoft.com/animagic Created with Animagic GIF V 1.02b
R: 139 G: 255 B: 189 X:39852 Y: 0 S: 0 Zs: 6
Konvokesyen ke-30, Dewan Besar
Hari sukan 2024
Lawatan pelajar ke Hospital Tuanku Ja'afar
Our first day at the clinic!
Photography club at the lake
Jurugambar kelab fotografi bersama pelajar
Photographers waiting at the hall
Source of infection
Sumber air bersih di kampung
Getty was here
Photo session with the dean
Follow us on Facebook and Instagram
Download the form from the website
Photo/Video session with the students
Photo - Heart Week 2024
Photo: Kuala Lumpur, 2024
Photos: IMU Open Day
Foto: Hari Sukan
Gambar: Hospital Kuala Lumpur
Image: MRI Brain
Source: own
Hak asasi manusia
Driving licence renewal
With the permission of the dean, students visited
Dengan izin Allah
Tanpa izin ibu bapa tidak dibenarkan masuk
Do not copy in the exam
Courtesy of our sponsors, free food!
NST at 32 weeks (non-stress test)
Omega-3 (EPA)
Antara pelajar yang hadir
Team (Red House/Blue House)
(Faculty of Medicine/Faculty of Dentistry)
Answer: (c) Aspirin
Copyright and you
Public Domain Day
Lecture handout photo session
PC: Dell
Cr: 88 umol/L
Artist: unknown
Cake by Siti
Talk by Prof. Jane Roe
Jane Roe
Jane Roe/John Doe
""".strip().splitlines()


@pytest.mark.parametrize("text", SOMEONES)
def test_words_of_a_credit_are_read(text: str) -> None:
    assert stated(text)


@pytest.mark.parametrize("text", NOBODYS)
def test_everyday_words_are_no_credit(text: str) -> None:
    assert stated(text) == ()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("A campus. (Photo by Jane Roe/Agency X)", (CreditField.CREDIT, "Jane Roe/Agency X")),
        ("Photo by J. Roe at the gate", (CreditField.CREDIT, "J. Roe")),
        ("The lake. © 2024 Jane Roe. More", (CreditField.COPYRIGHT, "© 2024 Jane Roe")),
        ("Jane Roe © 2024", (CreditField.COPYRIGHT, "Jane Roe © 2024")),
        ("Copyright (c) 2024 Jane Roe", (CreditField.COPYRIGHT, "Copyright (c) 2024 Jane Roe")),
        ("Sumber: Agency X", (CreditField.SOURCE, "Agency X")),
        ("The lake - Bernama", (CreditField.SOURCE, "Bernama")),
        ("All rights reserved", (CreditField.RIGHTS, "rights reserved")),
    ],
)
def test_what_is_named_is_cut_out(text: str, expected: tuple[CreditField, str]) -> None:
    assert stated(text)[0] == Credit(*expected)


@given(st.text(max_size=400))
def test_any_text_is_read_in_bounds(text: str) -> None:
    for padding in ("", "(c) photo by © / via "):
        found = stated(padding + text)
        assert len(found) <= 60
        assert all(len(credit.text) < 400 for credit in found)


@given(
    st.sampled_from(("Photo: Jane Roe", "© 2024 Jane Roe", "All rights reserved")),
    st.sampled_from("\u200b\u200d\u00ad\u2060\ufeff\u200e"),
    st.integers(0, 15),
    st.sampled_from(NOBODYS),
    st.sampled_from(("\n", ". ", " | ", " (", "\r\n")),
)
def test_a_credit_is_read_behind_every_caption_whatever_is_unseen_in_it(
    credit: str, unseen: str, at: int, caption: str, between: str
) -> None:
    assert stated(f"{caption}{between}{credit[:at]}{unseen}{credit[at:]}")
    assert stated(f"{caption}\n{credit.upper()}")


def test_the_start_and_the_end_of_a_long_text_are_read() -> None:
    long = "The lake in the evening.\n" * 10_000
    assert stated("Photo: Jane Roe\n" + long)
    assert stated(long + "Photo: Jane Roe")
