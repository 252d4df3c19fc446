// A libFuzzer target for files of tokens, Authorization headers and names of clients.
// Tests/Fuzz/run compiles it with the sources of Trust as one module.

/// Called by libFuzzer with each input; traps if an invariant does not hold.
@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let input = unsafe Array(UnsafeBufferPointer(start: start, count: count))
    checkTokens(input)
    // Up to three headers, separated by NUL.
    let headers = input.split(separator: 0, maxSplits: 2, omittingEmptySubsequences: false)
        .map { String(decoding: $0, as: UTF8.self) }
    checkCredentials(headers)
    checkName(headers[0])
    return 0
}

/// Stops the fuzzer with `sentence`; an optimized precondition would drop it.
private func require(_ holds: Bool, _ sentence: String) {
    if !holds { fatalError(sentence) }
}

/// The invariants of a file of tokens.
private func checkTokens(_ input: [UInt8]) {
    let file: TokenFile
    do {
        file = try TokenFile(parsing: input)
    } catch {
        require(error.description.utf8.count <= 200, "a description must be short")
        return
    }
    require((1...TokenFile.maximumTokens).contains(file.tokens.count), "the number of tokens")
    let accepted = AcceptedTokens(file)
    for token in file.tokens {
        let bytes = Array(token.text.utf8)
        require(BearerToken.lengths.contains(bytes.count), "the length of a token")
        require(bytes.allSatisfy(BearerToken.isAllowed), "the characters of a token")
        require(accepted.accepts(token.text), "a token of the file must be accepted")
        let longer = token.text + "."
        let isListed = file.tokens.contains { $0.text == longer }
        require(accepted.accepts(longer) == isListed, "only tokens of the file must be accepted")
        require(!"\(token)".contains(token.text), "a description must not show the token")
    }
    let lines = file.tokens.map(\.text).joined(separator: "\n")
    require((try? TokenFile(parsing: Array(lines.utf8))) == file, "the tokens must be read again")
}

/// A token that no input should be accepted without.
private let secret = "0123456789abcdef"

/// The invariants of credentials.
private func checkCredentials(_ headers: [String]) {
    guard let file = try? TokenFile(parsing: Array(secret.utf8)) else { fatalError("a token") }
    var trust = ClientTrust()
    trust.tokens = AcceptedTokens(file)
    let credentials = Credentials(headers)
    if headers.count != 1 { require(credentials == .ambiguous, "several headers are ambiguous") }
    if case .bearer(let token) = credentials {
        let ends = [token.first, token.last].compactMap(\.self)
        require(ends.count == 2 && !ends.contains { $0 == " " || $0 == "\t" }, "blanks")
    }
    let refusal = trust.refusal(of: .absent, with: credentials)
    let words = headers[0].utf8.split { $0 == 0x20 || $0 == 0x09 }.map { Array($0) }
    let isRight =
        headers.count == 1 && words.count == 2 && words[1] == Array(secret.utf8)
        && words[0].map { $0 | 0x20 } == Array("bearer".utf8)
    require((refusal == nil) == isRight, "only the token must be accepted")
    require(refusal?.detail.contains(secret) != true, "a refusal must not show a token")
}

/// The invariants of a name.
private func checkName(_ text: String) {
    guard let name = ClientName(text) else { return }
    require(ClientName(name.description) == name, "a name must be read again")
    require(text.utf8.count <= ClientName.maximumBytes, "the length of a name")
    switch name {
    case .host(let host):
        require(name.matches(.host(host.uppercased())), "a host must match itself")
    case .subdomain(let suffix):
        require(name.matches(.host("a" + suffix)), "a subdomain must match")
        require(!name.matches(.host("a.b" + suffix)), "only one label must match")
        require(!name.matches(.host("*" + suffix)), "a wildcard must not match")
    case .address(let bytes): require(name.matches(.address(bytes)), "an address must match")
    case .uri(let uri): require(name.matches(.uri(uri)), "a URI must match")
    }
}
