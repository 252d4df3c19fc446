internal import Exposition

/// The metrics of certificates.
enum CertificateMetrics {
    static let families: [MetricFamily<Scrape>] = [
        MetricFamily(
            "nova_federation_certificate_expiry_timestamp_seconds",
            .gauge,
            help: "Unix time at which a certificate in use expires"
        ) { scrape, series in
            for (labels, expires) in scrape.certificates { series.add(labels, value: expires) }
        }
    ]
}
