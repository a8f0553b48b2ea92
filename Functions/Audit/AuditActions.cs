using System.Collections.Frozen;

namespace CasFunctions.Audit;

/// <summary>The words for what can be done. Programs rely on them: they never change.</summary>
public static class AuditActions
{
    /// <summary>A backend was added.</summary>
    public const string BackendCreated = "backend.created";

    /// <summary>A backend's description or limit was changed.</summary>
    public const string BackendChanged = "backend.changed";

    /// <summary>A backend got other credentials.</summary>
    public const string BackendRotated = "backend.rotated";

    /// <summary>A backend was deleted or archived.</summary>
    public const string BackendDeleted = "backend.deleted";

    /// <summary>An archived backend was given up with all that it holds.</summary>
    public const string BackendPurged = "backend.purged";

    /// <summary>A backend became the default or the fallback, or ceased to be.</summary>
    public const string BackendSelected = "backend.selected";

    /// <summary>A backend was found unusable.</summary>
    public const string BackendInvalid = "backend.invalid";

    /// <summary>A backend that was unusable works again.</summary>
    public const string BackendRecovered = "backend.recovered";

    /// <summary>A token was made.</summary>
    public const string TokenCreated = "token.created";

    /// <summary>A token was revoked.</summary>
    public const string TokenRevoked = "token.revoked";

    /// <summary>A pipeline traded its issuer's token for one of ours.</summary>
    public const string TokenExchanged = "token.exchanged";

    /// <summary>An OIDC issuer's tokens were trusted.</summary>
    public const string TrustCreated = "trust.created";

    /// <summary>A trust was taken back.</summary>
    public const string TrustRemoved = "trust.removed";

    /// <summary>The organization was created.</summary>
    public const string OrganizationCreated = "organization.created";

    /// <summary>The organization's owners were changed.</summary>
    public const string OrganizationChanged = "organization.changed";

    /// <summary>A content was stored.</summary>
    public const string ArtifactUploaded = "artifact.uploaded";

    /// <summary>An upload found its content there already.</summary>
    public const string ArtifactDeduplicated = "artifact.deduplicated";

    /// <summary>A link was made by which a content can be downloaded without a token.</summary>
    public const string ArtifactLinked = "artifact.linked";

    /// <summary>A content, or a part of one, was handed out.</summary>
    public const string ArtifactDownloaded = "artifact.downloaded";

    /// <summary>A stored copy was found altered or gone.</summary>
    public const string ArtifactCorrupt = "artifact.corrupt";

    /// <summary>A stored copy was read again and found right.</summary>
    public const string ArtifactVerified = "artifact.verified";

    /// <summary>All of them.</summary>
    public static FrozenSet<string> All { get; } = FrozenSet.Create(
        StringComparer.Ordinal,
        BackendCreated,
        BackendChanged,
        BackendRotated,
        BackendDeleted,
        BackendPurged,
        BackendSelected,
        BackendInvalid,
        BackendRecovered,
        TokenCreated,
        TokenRevoked,
        TokenExchanged,
        TrustCreated,
        TrustRemoved,
        OrganizationCreated,
        OrganizationChanged,
        ArtifactUploaded,
        ArtifactDeduplicated,
        ArtifactLinked,
        ArtifactDownloaded,
        ArtifactCorrupt,
        ArtifactVerified);
}
