namespace CasFunctions.Tests.Conformance;

/// <summary>The suite on the service's own tables.</summary>
public sealed class InlineTests(InlineStoreUnderTest store, ConformanceReport report)
    : ConformanceTests(store, report), IClassFixture<InlineStoreUnderTest>;

/// <summary>The suite on Azurite with the account's key.</summary>
public sealed class AzureKeyTests(AzureKeyStore store, ConformanceReport report)
    : ConformanceTests(store, report), IClassFixture<AzureKeyStore>;

/// <summary>The suite on Azurite with a service principal.</summary>
public sealed class AzurePrincipalTests(AzurePrincipalStore store, ConformanceReport report)
    : ConformanceTests(store, report), IClassFixture<AzurePrincipalStore>;

/// <summary>The suite on a registry without credentials.</summary>
public sealed class OciAnonymousTests(OciAnonymousStore store, ConformanceReport report)
    : ConformanceTests(store, report), IClassFixture<OciAnonymousStore>;

/// <summary>The suite on a registry with Basic authentication.</summary>
public sealed class OciBasicTests(OciBasicStore store, ConformanceReport report)
    : ConformanceTests(store, report), IClassFixture<OciBasicStore>;

/// <summary>The suite on a registry with tokens.</summary>
public sealed class OciTokenTests(OciTokenStore store, ConformanceReport report)
    : ConformanceTests(store, report), IClassFixture<OciTokenStore>;

/// <summary>The suite on Ceph.</summary>
public sealed class S3Tests(S3Store store, ConformanceReport report)
    : ConformanceTests(store, report), IClassFixture<S3Store>;

/// <summary>The suite on Ceph with the documented rights only.</summary>
public sealed class S3RestrictedTests(S3RestrictedStore store, ConformanceReport report)
    : ConformanceTests(store, report), IClassFixture<S3RestrictedStore>;
