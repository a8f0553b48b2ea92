using System.Text.Json;
using CasFunctions.Http;
using CasFunctions.Providers;
using CasFunctions.Secrets;

namespace CasFunctions.Telemetry;

/// <summary>Words for failures, for the attribute <c>error.type</c>: a few, and nothing of their messages.</summary>
internal static class ErrorTypes
{
    public static string Of(Exception failure) => failure switch
    {
        ProviderException store => WordOf(store.Kind),
        SecretStoreException => "secret_store",
        ProblemException problem => problem.Code,
        OperationCanceledException => "cancelled",
        _ => failure.GetType().Name,
    };

    /// <summary>An enum's value as conventions write it, such as <c>credentials_refused</c>.</summary>
    public static string WordOf<T>(T value)
        where T : struct, Enum => JsonNamingPolicy.SnakeCaseLower.ConvertName(value.ToString());
}
