using CasFunctions.Providers;
using CasFunctions.Secrets;

namespace CasFunctions.Http;

/// <summary>Says a store's failure in the API's terms.</summary>
public static class BackendProblem
{
    /// <summary>Turns a store's failure into a problem.</summary>
    /// <remarks>The store's refusals are our gateway errors: the caller's own request was in order.</remarks>
    public static ProblemException From(ProviderException failure)
    {
        ArgumentNullException.ThrowIfNull(failure);
        return failure.Kind switch
        {
            ProviderErrorKind.Unreachable or ProviderErrorKind.Unavailable => Unavailable(failure),
            ProviderErrorKind.UploadLost => new ProblemException(503, "upload-lost", "The backend lost the upload", failure.Message)
            {
                RetryAfter = TimeSpan.FromSeconds(1),
                Hint = "Repeat the upload; nothing was stored.",
            },
            ProviderErrorKind.Rejected => new ProblemException(502, "backend-rejected", "The backend refused the content", failure.Message),
            _ => new ProblemException(502, "backend-failed", "The backend failed", failure.Message)
            {
                Hint = "An owner of the organization has to repair the backend: its credentials, its rights or its settings.",
            },
        };
    }

    /// <summary>
    /// Turns a failure to read or write a backend's credentials into a problem. What the secret store said is for the log.
    /// </summary>
    public static ProblemException From(SecretStoreException failure)
    {
        ArgumentNullException.ThrowIfNull(failure);
        return failure.Kind == SecretStoreErrorKind.Unavailable
            ? new(
                503,
                "secrets-unavailable",
                "The secret store is unavailable",
                "The service can't reach the backend's credentials at the moment.")
            {
                RetryAfter = TimeSpan.FromSeconds(10),
                Hint = "Repeat the request; nothing was stored.",
            }
            : new(
                502,
                "credentials-unreadable",
                "The backend's credentials can't be read",
                "The secret store does not give out the backend's credentials.")
            {
                Hint = "The operator has to look at the secret store, or an owner has to add the backend anew.",
            };
    }

    private static ProblemException Unavailable(ProviderException failure) =>
        new(503, "backend-unavailable", "The backend is unavailable", failure.Message)
        {
            RetryAfter = TimeSpan.FromSeconds(10),
            Hint = "Repeat the request; nothing was stored.",
        };
}
