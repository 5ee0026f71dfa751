"""What a made-up company says in many languages, by their codes, for the tests of languages."""

from __future__ import annotations

TEXTS = {
    "en": "We collect the data that you give us when you open an account, and we use it to run the service and to "
    "keep it safe. You can ask us at any time to delete what we hold about you.",
    "fr": "Nous recueillons les données que vous nous donnez lorsque vous ouvrez un compte, et nous les utilisons "
    "pour faire fonctionner le service et pour le protéger. Vous pouvez nous demander à tout moment de les "
    "effacer.",
    "de": "Wir erheben die Daten, die Sie uns geben, wenn Sie ein Konto eröffnen, und wir verwenden sie, um den "
    "Dienst zu betreiben und zu schützen. Sie können uns jederzeit bitten, sie zu löschen.",
    "es": "Recopilamos los datos que usted nos facilita cuando abre una cuenta, y los usamos para prestar el "
    "servicio y para protegerlo. Puede pedirnos en cualquier momento que los borremos.",
    "it": "Raccogliamo i dati che ci fornisci quando apri un account e li usiamo per far funzionare il servizio e "
    "per proteggerlo. Puoi chiederci in qualsiasi momento di cancellare ciò che conserviamo su di te.",
    "nl": "Wij verzamelen de gegevens die u ons geeft wanneer u een account opent, en wij gebruiken ze om de dienst"
    " te laten werken en te beveiligen. U kunt ons op elk moment vragen ze te wissen.",
    "pt": "Recolhemos os dados que nos fornece quando abre uma conta e usamo-los para fazer funcionar o serviço e "
    "para o proteger. Pode pedir-nos a qualquer momento que apaguemos o que guardamos sobre si.",
    "ca": "Recollim les dades que ens dones quan obres un compte i les fem servir per prestar el servei i per "
    "protegir-lo. Pots demanar-nos en qualsevol moment que esborrem el que guardem sobre tu.",
    "ro": "Colectăm datele pe care ni le oferiți când deschideți un cont și le folosim pentru a presta serviciul și"
    " pentru a-l proteja. Ne puteți cere oricând să ștergem ceea ce păstrăm despre dumneavoastră.",
    "sv": "Vi samlar in de uppgifter som du ger oss när du öppnar ett konto, och vi använder dem för att driva "
    "tjänsten och hålla den säker. Du kan när som helst be oss att radera det vi har sparat om dig.",
    "da": "Vi indsamler de oplysninger, som du giver os, når du opretter en konto, og vi bruger dem til at drive "
    "tjenesten og holde den sikker. Du kan når som helst bede os om at slette det, vi har gemt om dig.",
    "no": "Vi samler inn opplysningene som du gir oss når du oppretter en konto, og vi bruker dem til å drive "
    "tjenesten og holde den trygg. Du kan når som helst be oss om å slette det vi har lagret om deg.",
    "fi": "Keräämme tiedot, jotka annat meille kun avaat tilin, ja käytämme niitä palvelun tarjoamiseen ja sen "
    "suojaamiseen. Voit milloin tahansa pyytää meitä poistamaan sen, mitä olemme sinusta tallentaneet.",
    "pl": "Zbieramy dane, które podajesz nam przy zakładaniu konta, i używamy ich, aby świadczyć usługę oraz ją "
    "chronić. W każdej chwili możesz poprosić nas o usunięcie tego, co o tobie przechowujemy.",
    "cs": "Shromažďujeme údaje, které nám poskytnete, když si založíte účet, a používáme je k tomu, abychom službu "
    "provozovali a chránili. Kdykoli nás můžete požádat, abychom smazali to, co o vás uchováváme.",
    "sk": "Zhromažďujeme údaje, ktoré nám poskytnete, keď si založíte účet, a používame ich na to, aby sme službu "
    "prevádzkovali a chránili. Kedykoľvek nás môžete požiadať, aby sme vymazali to, čo o vás uchovávame.",
    "sl": "Zbiramo podatke, ki nam jih daste, ko odprete račun, in jih uporabljamo za delovanje in zaščito "
    "storitve. Kadar koli nas lahko prosite, da izbrišemo, kar o vas hranimo.",
    "hr": "Prikupljamo podatke koje nam dajete kada otvorite račun i koristimo ih kako bismo pružali uslugu i "
    "zaštitili je. U bilo kojem trenutku možete nas zamoliti da izbrišemo ono što o vama čuvamo.",
    "hu": "Összegyűjtjük azokat az adatokat, amelyeket a fiók megnyitásakor megad nekünk, és arra használjuk őket, "
    "hogy a szolgáltatást működtessük és megvédjük. Ön bármikor kérheti, hogy töröljük, amit önről tárolunk.",
    "tr": "Bir hesap açtığınızda bize verdiğiniz verileri topluyor ve bunları hizmeti sunmak ve korumak için "
    "kullanıyoruz. Sizin hakkınızda sakladığımız bilgilerin silinmesini her zaman bizden isteyebilirsiniz.",
    "id": "Kami mengumpulkan data yang Anda berikan kepada kami saat Anda membuka akun, dan kami menggunakannya "
    "untuk menjalankan layanan. Anda dapat meminta kami kapan saja untuk menghapus apa yang kami simpan "
    "tentang Anda.",
    "vi": "Chúng tôi thu thập dữ liệu mà bạn cung cấp cho chúng tôi khi mở tài khoản và dùng dữ liệu đó để vận hành"
    " và bảo vệ dịch vụ. Bạn có thể yêu cầu chúng tôi xóa những gì chúng tôi lưu về bạn.",
    "et": "Kogume andmeid, mida te meile konto avamisel annate, ja kasutame neid teenuse osutamiseks ning "
    "kaitsmiseks. Võite igal ajal paluda, et me kustutaksime selle, mida me teie kohta säilitame.",
    "lv": "Mēs vācam datus, ko jūs mums sniedzat, kad atverat kontu, un izmantojam tos, lai nodrošinātu "
    "pakalpojumu. Jūs jebkurā laikā varat lūgt, lai mēs dzēšam to, ko par jums glabājam.",
    "lt": "Mes renkame duomenis, kuriuos jūs mums pateikiate, kai atidarote paskyrą, ir naudojame juos paslaugai "
    "teikti bei apsaugoti. Jūs bet kada galite paprašyti, kad ištrintume tai, ką apie jus saugome.",
    "ru": "Мы собираем данные, которые вы даёте нам, когда открываете счёт, и используем их, чтобы сервис работал и"
    " был защищён. Вы можете в любое время попросить нас удалить то, что мы о вас храним.",
    "uk": "Ми збираємо дані, які ви надаєте нам, коли відкриваєте рахунок, і використовуємо їх, щоб сервіс працював"
    " і був захищений. Ви можете будь-коли попросити нас видалити те, що ми про вас зберігаємо.",
    "bg": "Събираме данните, които ни давате, когато откривате профил, и ги използваме, за да предоставяме услугата"
    " и да я пазим. Можете по всяко време да поискате от нас да изтрием това, което пазим за вас.",
    "sr": "Прикупљамо податке које нам дајете када отворите налог и користимо их како бисмо пружали услугу и "
    "заштитили је. У сваком тренутку можете нас замолити да избришемо оно што о вама чувамо.",
    "el": "Συλλέγουμε τα δεδομένα που μας δίνετε όταν ανοίγετε λογαριασμό και τα χρησιμοποιούμε για να λειτουργεί η"
    " υπηρεσία.",
    "he": "אנו אוספים את הנתונים שאתם נותנים לנו כאשר אתם פותחים חשבון, ומשתמשים בהם כדי להפעיל את השירות.",
    "ar": "نجمع البيانات التي تقدمها لنا عند فتح حساب، ونستخدمها من أجل تشغيل الخدمة وحمايتها. يمكنك أن تطلب منا في"
    " أي وقت حذف ما نحتفظ به عنك.",
    "fa": "ما اطلاعاتی را که هنگام باز کردن حساب به ما می دهید جمع می کنیم و از آنها برای ارائه و حفظ خدمات استفاده"
    " می کنیم. شما می توانید هر زمان از ما بخواهید آن را پاک کنیم.",
    "ur": "جب آپ اکاؤنٹ کھولتے ہیں تو ہم آپ کی دی ہوئی معلومات جمع کرتے ہیں اور ان کو سروس چلانے کے لیے استعمال "
    "کرتے ہیں۔ آپ کسی بھی وقت ہم سے کہہ سکتے ہیں کہ ہم یہ معلومات مٹا دیں۔",
    "ja": "お客様がアカウントを開設するときに提供する情報を収集し、サービスの運営と保護のために利用します。",
    "zh": "我们收集您在开设账户时提供给我们的数据，并用它来运行和保护服务。您可以随时要求我们删除这些信息。",
    "ko": "당사는 귀하가 계정을 만들 때 제공하는 정보를 수집하여 서비스를 운영하고 보호하는 데 사용합니다.",
    "th": "เรารวบรวมข้อมูลที่คุณให้เราเมื่อคุณเปิดบัญชี และใช้ข้อมูลนั้นเพื่อให้บริการและปกป้องบริการ",
    "hi": "जब आप खाता खोलते हैं तब आप जो जानकारी हमें देते हैं, हम उसे इकट्ठा करते हैं और सेवा चलाने के लिए उसका उपयोग करते हैं।",
}
