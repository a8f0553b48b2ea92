using System.Collections.Frozen;

namespace CasFunctions.Security;

/// <summary>What a function asks of its caller.</summary>
public enum Access
{
    /// <summary>Nobody gets in. What a function without a rule has.</summary>
    Nobody,

    /// <summary>No credentials.</summary>
    Anonymous,

    /// <summary>No credentials but the address of an upload session or a download link, which is a capability.</summary>
    Session,

    /// <summary>The operator's root key.</summary>
    RootKey,

    /// <summary>A token of any role.</summary>
    Viewer,

    /// <summary>A token that may read content.</summary>
    Downloader,

    /// <summary>A token that may store content.</summary>
    Uploader,

    /// <summary>A token of an owner.</summary>
    Owner,
}

/// <summary>The one place that says who may call which function. A function that is not listed is closed to everybody.</summary>
public static class AccessRules
{
    private static readonly FrozenDictionary<string, Access> Rules = new Dictionary<string, Access>(StringComparer.Ordinal)
    {
        ["GetHealth"] = Access.Anonymous,
        ["GetApiDescription"] = Access.Anonymous,

        ["CreateOrganization"] = Access.RootKey,
        ["CreateOrganizationToken"] = Access.RootKey,
        ["GetCaller"] = Access.Viewer,
        ["GetOrganization"] = Access.Viewer,
        ["ChangeOrganization"] = Access.Owner,
        ["ListTokens"] = Access.Owner,
        ["CreateToken"] = Access.Owner,
        ["RevokeToken"] = Access.Owner,
        ["ListTrusts"] = Access.Owner,
        ["CreateTrust"] = Access.Owner,
        ["RemoveTrust"] = Access.Owner,

        // The credentials are in the body: a token of an issuer that the organization trusts.
        ["ExchangeToken"] = Access.Anonymous,

        ["ListBackends"] = Access.Viewer,
        ["GetBackend"] = Access.Viewer,
        ["CreateBackend"] = Access.Owner,
        ["ChangeBackend"] = Access.Owner,
        ["DeleteBackend"] = Access.Owner,
        ["ValidateBackend"] = Access.Owner,

        ["CreateUpload"] = Access.Uploader,
        ["PutUpload"] = Access.Session,
        ["AppendUpload"] = Access.Session,
        ["OverrideUpload"] = Access.Session,
        ["HeadUpload"] = Access.Session,
        ["GetUpload"] = Access.Session,
        ["GetUploadOptions"] = Access.Anonymous,
        ["CancelUpload"] = Access.Session,

        ["PutArtifact"] = Access.Uploader,
        ["GetArtifact"] = Access.Downloader,
        ["GetDescriptor"] = Access.Viewer,
        ["ListArtifacts"] = Access.Viewer,
        ["ListCopies"] = Access.Viewer,
        ["VerifyArtifact"] = Access.Owner,

        ["CreateLink"] = Access.Downloader,
        ["GetLink"] = Access.Session,

        // The page and its parts are the same for everybody; all that it shows it asks the API for.
        ["GetConsole"] = Access.Anonymous,

        ["ListAudit"] = Access.Owner,
        ["GetUsage"] = Access.Owner,
    }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>The names of the functions that have a rule.</summary>
    public static IEnumerable<string> Functions => Rules.Keys;

    /// <summary>What a function asks of its caller.</summary>
    /// <param name="function">The function's name.</param>
    public static Access For(string function) => Rules.GetValueOrDefault(function, Access.Nobody);
}
