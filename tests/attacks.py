"""What a hostile page may say in a sentence that is quoted, in a heading or in a name: for tests of every channel."""

from __future__ import annotations

ATTACKS = {
    "script": "We train on <script>alert('x')</script> your posts.",
    "image": 'We train on <img src=x onerror="alert(1)"> your posts.',
    "entity": "We train on &lt;b&gt; &#60;script&#62; &amp; your posts.",
    "attribute": '" onmouseover="alert(1)" x=\'',
    "link in HTML": '<a href="https://evil.example/">Opt out here</a>',
    "link in Markdown": "[Opt out here](https://evil.example/) ![x](https://evil.example/x.png)",
    "link in Slack": "<https://evil.example/|Opt out here> <!channel> <@U024BE7LH>",
    "link in javascript": "javascript:alert(1)",
    "bare address": "Opt out at https://evil.example/opt-out today.",
    "mention": "@everyone @here @channel @admin@evil.example @room",
    "mention in Matrix": "https://matrix.to/#/@admin:evil.example",
    "mention in Discord": "<@!1234> <#1234> <@&1234> <t:0:R>",
    "hashtag": "#privacy #free #win",
    "formatting": "*bold* _it_ ~~gone~~ `code` ||spoiler|| > quote\n# heading\n```\nblock",
    "template": "{change} {0} {{7*7}} ${HOME} %s %(x)s {reference.__class__}",
    "header": "Subject line\r\nBcc: all@evil.example\r\n\r\nbody",
    "second mail": "one\r\n.\r\nMAIL FROM:<evil@evil.example>\r\n",
    "boundary": "--===============1234567890==\nContent-Type: text/html\n\n<b>x</b>",
    "terminal": "We train \x1b[31mred\x1b[0m \x1b]0;title\x07 \x9b31m on it.",
    "null": "We train\x00 on it.",
    "direction": "We train \u202egpj.exe\u202c on \u2066it\u2069.",
    "invisible": "We\u200b train\u2060 on\ufeff it.",
    "surrogate pair": "We train 🧑‍🚀 on 𝔦𝔱.",
    "CDATA": "We train ]]><script>alert(1)</script><![CDATA[ on it.",
    "XML entity": '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>&e;',
    "long": "We train on everything, and " + "ever " * 4000 + "more.",
    "one long word": "x" * 20_000,
}
