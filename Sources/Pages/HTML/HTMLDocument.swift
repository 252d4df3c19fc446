/// A whole document for a browser, without scripts and external resources.
///
/// Every element is closed, so that a strict parser can check the pages.
package struct HTMLDocument {
    package static let contentType = "text/html; charset=utf-8"

    /// The Content-Security-Policy: nothing is loaded but the style in the document and its icon.
    ///
    /// Attributes named `style` are forbidden too, so bars and plots are SVG.
    package static let policy =
        "default-src 'none'; style-src 'sha256-\(PageStyle.digest)'; img-src data:"

    /// In the tab of the browser.
    var title: String
    /// After how many seconds the browser requests the document again; nil means never.
    var refresh: Int?
    /// The content of `main`, with the only `h1`.
    var main: HTML
    var footer: HTML

    package var bytes: [UInt8] { html.bytes }

    private var html: HTML {
        """
        <!DOCTYPE html>
        <html lang="en">
        <head>
        <meta charset="utf-8"/>
        <meta name="viewport" content="width=device-width, initial-scale=1"/>
        <meta name="color-scheme" content="light dark"/>
        \(refreshing)<title>\(title)</title>
        <link rel="icon" href="\(Self.icon)"/>
        <style>\(PageStyle.sheet)</style>
        </head>
        <body>
        <header><a href="/">nova-federation</a></header>
        <main>
        \(main)
        </main>
        <footer>
        \(footer)
        </footer>
        </body>
        </html>

        """
    }

    private var refreshing: HTML? {
        refresh.map { "<meta http-equiv=\"refresh\" content=\"\($0)\"/>\n" }
    }

    /// Two nodes and their connection.
    private static let icon =
        "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'%3E"
        + "%3Cpath d='M4 11 12 5' stroke='%233d6fd8' stroke-width='2'/%3E"
        + "%3Ccircle cx='4' cy='11' r='3' fill='%233d6fd8'/%3E"
        + "%3Ccircle cx='12' cy='5' r='3' fill='%233d6fd8'/%3E%3C/svg%3E"
}
