/// The style sheet of every page for browsers.
///
/// The policy of the page names its digest, so browsers refuse any other style.
enum PageStyle {
    /// The SHA-256 of the sheet in base64; a test computes it.
    static let digest = "8J46tKbiLEUoD1qY/1SFALrwSiA7N2AIzMlEbptwbGE="

    /// Words, shapes and colours show a state together; each colour has a contrast of at least 4.5
    /// in both schemes.
    static let sheet: HTML = """
        :root{color-scheme:light dark;--back:#f5f6f8;--card:#fff;--line:#dce1e8;--text:#1b2027;\
        --soft:#57606c;--link:#0b57c2;--ok:#17733a;--bad:#bf2130;--warn:#855600;--bar:#3366cc;\
        --rest:#e4e8ee;--p1:#7a4fd0;--p2:#1f74c4;--p3:#0b7f7a;--p4:#b36200;--p5:#68727f}
        @media (prefers-color-scheme:dark){:root{--back:#0f1217;--card:#171b22;--line:#2d333d;\
        --text:#e6eaf0;--soft:#a0a9b6;--link:#86b6ff;--ok:#5cc97b;--bad:#ff8a83;--warn:#e3ad48;\
        --bar:#7aa5f8;--rest:#2c333e;--p1:#b497f5;--p2:#6db3f2;--p3:#4cc5bf;--p4:#f0a04b;\
        --p5:#9aa5b3}}
        *{box-sizing:border-box}
        body{margin:0 auto;max-width:76rem;padding:1rem;background:var(--back);color:var(--text);\
        font:1rem/1.5 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif;\
        font-variant-numeric:tabular-nums;-webkit-text-size-adjust:100%}
        a{color:var(--link);text-underline-offset:.15em}
        a:focus-visible,input:focus-visible,button:focus-visible,summary:focus-visible\
        {outline:2px solid var(--link);outline-offset:2px}
        header a{color:var(--soft);font-weight:600;text-decoration:none}
        bdi{overflow-wrap:anywhere}
        h1{margin:.25rem 0 0;font-size:1.75rem;line-height:1.25;font-weight:650;\
        overflow-wrap:anywhere;overflow:hidden}
        h2{margin:0 0 .5rem;font-size:1.125rem;font-weight:650}
        section{margin-top:2rem}
        p{margin:.25rem 0}
        .soft,small,caption,dt,footer{color:var(--soft)}
        small{display:block;font-size:.8125rem;line-height:1.4}
        .box,table{background:var(--card);border:1px solid var(--line);border-radius:.5rem}
        .box{padding:1rem 1.25rem}
        .box ul{margin:0;padding-left:1.25rem}
        .bad{border-left:.375rem solid var(--bad)}
        .good{border-left:.375rem solid var(--ok)}
        .tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(15rem,1fr));gap:1rem}
        .tiles .box h2{margin:0;font-size:.9375rem;font-weight:500;color:var(--soft)}
        .tiles .box strong{display:block;font-size:2rem;line-height:1.3;font-weight:600}
        .facts{display:grid;grid-template-columns:repeat(auto-fill,minmax(13rem,1fr));\
        gap:.5rem 1.5rem;margin:.75rem 0 0}
        .facts div{min-width:0}
        dt{font-size:.8125rem}
        dd{margin:0;overflow-wrap:anywhere;overflow:hidden}
        .choice{display:flex;flex-wrap:wrap;gap:.5rem;margin:0 0 .75rem;padding:0;list-style:none}
        .choice a{display:block;padding:.25rem .75rem;border:1px solid var(--line);\
        border-radius:1rem;background:var(--card);text-decoration:none}
        .choice a[aria-current]{border-color:var(--link);font-weight:600;text-decoration:underline}
        form{display:flex;flex-wrap:wrap;align-items:end;gap:.5rem;margin:0 0 1rem}
        label{font-size:.8125rem;color:var(--soft)}
        input,button{display:block;min-height:2.5rem;font:inherit;font-size:1rem;line-height:1.5;\
        color:inherit;padding:.3rem .75rem;\
        border:1px solid var(--soft);border-radius:.375rem;background:var(--card)}
        input{width:100%}
        label{flex:1 1 14rem;max-width:24rem}
        table{width:100%;border-spacing:0;border-collapse:separate}
        caption{padding:0 0 .5rem;text-align:left;font-size:.875rem}
        th,td{padding:.5rem .75rem;text-align:left;vertical-align:top;font-weight:400}
        thead th{font-size:.8125rem;color:var(--soft);vertical-align:bottom}
        tbody th,tbody td{border-top:1px solid var(--line)}
        tbody th{font-weight:500}
        .num{text-align:right;white-space:nowrap}
        .wide{width:100%}
        .time{white-space:nowrap}
        .text{overflow-wrap:anywhere;white-space:pre-line}
        svg{vertical-align:middle}
        .mark{margin-right:.4em;fill:var(--soft);stroke:var(--soft)}
        .mark.ok{fill:var(--ok);stroke:var(--ok)}
        .mark.no{fill:none;stroke:var(--bad)}
        .mark.odd{fill:var(--warn);stroke:var(--warn)}
        .mark.none{fill:none}
        .state{white-space:nowrap;font-weight:600}
        .rest{fill:var(--rest)}
        .bar{fill:var(--bar)}
        .span{fill:none;stroke:var(--text)}
        .plot{background:none}
        .pulls{fill:none;stroke:var(--bar)}
        .fails{fill:none;stroke:var(--bad);stroke-width:2}
        .held{fill:none;stroke:var(--soft)}
        .base{fill:none;stroke:var(--line)}
        .p1{fill:var(--p1)}.p2{fill:var(--p2)}.p3{fill:var(--p3)}.p4{fill:var(--p4)}\
        .p5{fill:var(--p5)}
        .key{display:flex;flex-wrap:wrap;gap:.25rem 1.25rem;margin:.5rem 0;padding:0;\
        list-style:none;font-size:.875rem}
        .key svg{margin-right:.4em}
        details{margin-top:.75rem}
        summary{color:var(--link);cursor:pointer}
        details dl{display:grid;grid-template-columns:max-content 1fr;gap:.25rem 1rem}
        details dd{overflow:visible}
        .pager{display:flex;justify-content:space-between;gap:1rem;margin-top:.75rem}
        footer{margin-top:3rem;padding-top:1rem;border-top:1px solid var(--line);\
        font-size:.875rem}
        @media (max-width:52rem){
        section{margin-top:1.5rem}
        .tiles{grid-template-columns:1fr;gap:.5rem}
        .tiles .box{display:grid;grid-template-columns:auto 1fr;gap:0 1rem;align-items:baseline;\
        padding:.5rem 1rem .625rem;font-size:.875rem}
        .tiles .box h2{grid-column:1/-1;font-size:.8125rem}
        .tiles .box strong{min-width:5.25rem;font-size:1.5rem}
        .facts{grid-template-columns:repeat(2,1fr)}
        .cards thead{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
        .cards,.cards tbody{display:block}
        .cards tr{display:grid;grid-template-columns:repeat(2,1fr);\
        gap:.25rem 1rem;padding:.75rem;border-top:1px solid var(--line)}
        .cards tr:first-child{border-top:0}
        .cards th,.cards td{padding:0;border:0;text-align:left;white-space:normal;min-width:0}
        .cards td[data-name]::before{content:attr(data-name);display:block;\
        font-size:.8125rem;color:var(--soft)}
        .cards .full{grid-column:1/-1}
        .cards caption{display:block;padding:.75rem .75rem 0}
        .cards .two{grid-column:span 2}
        .parts tr{grid-template-columns:repeat(3,1fr)}
        }
        @media (min-width:34rem) and (max-width:52rem){
        .cards tr{grid-template-columns:repeat(4,1fr)}
        .parts tr{grid-template-columns:repeat(6,1fr)}
        }

        """
}
