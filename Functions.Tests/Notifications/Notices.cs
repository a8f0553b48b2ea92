using CasFunctions.Notifications;

namespace CasFunctions.Tests.Notifications;

/// <summary>Notices to send.</summary>
internal static class Notices
{
    public const string Digest = "sha256:2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824";

    public static BackendNotice Invalid { get; } = new()
    {
        Kind = NoticeKind.Invalid,
        Organization = "acme",
        Backend = "ghcr",
        Provider = "oci",
        Location = "ghcr.io/acme/cas",
        Role = BackendRole.Default,
        Reason = "denied: token has expired",
        Since = new DateTimeOffset(2026, 3, 1, 12, 30, 0, TimeSpan.FromHours(2)),
        At = new DateTimeOffset(2026, 3, 1, 10, 45, 0, TimeSpan.Zero),
        UploadsGoTo = "s3",
    };

    public static BackendNotice Recovered { get; } = Invalid with { Kind = NoticeKind.Recovered, UploadsGoTo = "ghcr" };

    public static BackendNotice Corrupt { get; } =
        Invalid with { Kind = NoticeKind.ContentCorrupt, Reason = null, Digest = Digest, ArtifactName = "sbom.json" };
}
