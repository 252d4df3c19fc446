import Exposition
import Testing

/// The format for each `Accept` header.
@Suite struct NegotiationTests {
    @Test(arguments: [
        nil, "", "*/*", "text/plain", "text/*", "application/json", "text/html,*/*;q=0.8",
        "text/plain;version=0.0.4", "application/openmetrics-text;q=0",
        "application/openmetrics-text;version=0.0.1", "application/openmetrics-text;q=x",
        "application/openmetrics-text;q=2", "application/openmetrics-text;q=-1",
        "application/openmetrics-text;q=0.4,text/plain;q=0.5",
        "application/openmetrics-text;q=0.1,*/*", "application/*", ";;,,;q=1", "q=1",
        "application/openmetrics-text;q=0.4,text/plain;q=0.9,*/*;q=0.1",
        "application/openmetrics-text;q=nan",
    ])
    func `plain text is sent unless OpenMetrics is named and preferred`(accept: String?) {
        #expect(TextFormat(accept: accept) == .prometheus)
    }

    @Test(arguments: [
        "application/openmetrics-text", "application/openmetrics-text;version=1.0.0",
        "Application/OpenMetrics-Text; Version=\"1.0.0\" ; Q=0.3",
        "text/plain;q=0.5, application/openmetrics-text;q=0.5",
        // A parameter without a name is ignored.
        "application/openmetrics-text;=q=0",
        "text/plain;q=0.2,*/*;q=1,application/openmetrics-text;q=0.3",
        "text/*;q=0.2,*/*;q=1,application/openmetrics-text;q=0.3",
        // Prometheus 2.42
        "application/openmetrics-text;version=1.0.0,"
            + "application/openmetrics-text;version=0.0.1;q=0.75,"
            + "text/plain;version=0.0.4;q=0.5,*/*;q=0.1",
        // Prometheus 3
        "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,"
            + "application/openmetrics-text;version=0.0.1;q=0.5,"
            + "text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,"
            + "text/plain;version=0.0.4;q=0.3,*/*;q=0.2",
    ])
    func `OpenMetrics is sent if it is named and plain text is not preferred`(accept: String) {
        #expect(TextFormat(accept: accept) == .openMetrics)
    }

    @Test func `the content types match the formats`() {
        #expect(TextFormat.prometheus.contentType == "text/plain; version=0.0.4; charset=utf-8")
        #expect(
            TextFormat.openMetrics.contentType
                == "application/openmetrics-text; version=1.0.0; charset=utf-8"
        )
    }
}
