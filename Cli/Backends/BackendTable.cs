using System.Text.Json;
using CasFunctions.Cli.Commands;
using CasFunctions.Cli.Http;
using CasFunctions.Cli.Input;
using CasFunctions.Cli.Output;

namespace CasFunctions.Cli.Backends;

/// <summary>Backends as the API describes them, and as tables show them.</summary>
internal static class BackendTable
{
    private static readonly Column[] Brief =
    [
        Column.Of("NAME", "name"),
        Column.Of("LOCATION", "location"),
        new("PROVIDER", backend => backend.Text("provider")?.ToUpperInvariant()),
        Column.Of("DESCRIPTION", "description"),
        new("LIMITS", backend => backend.Number("maxBytes") is { } limit ? "MaxSize: " + ByteSize.Brief(limit) : null),
        Column.Of("DEFAULT", "default"),
        Column.Of("FALLBACK", "fallback"),
        new("STATUS", backend => backend.Member("archivedAt") is null ? backend.Text("status") : "archived"),
    ];

    private static readonly Column[] Full =
    [
        .. Brief,
        Column.Of("REASON", "statusReason"),
        Column.Time("CREATED", "createdAt"),
        Column.Time("VALIDATED", "checkedAt"),
    ];

    /// <summary>The path of a backend.</summary>
    public static string PathOf(string name) => "/v1/backends/" + Uri.EscapeDataString(name);

    /// <summary>Reads all backends of the organization.</summary>
    public static Task<ApiAnswer> ReadAsync(CommandRun run) => run.Api.GetAsync("/v1/backends", run.Cancellation);

    /// <summary>The name of the default backend; null when there is none.</summary>
    public static string? Default(ApiAnswer backends) => backends.Json.Items("backends").FirstOrDefault(backend => backend.Flag("default")).Text("name");

    /// <summary>Writes backends as a table.</summary>
    public static void Write(IEnumerable<JsonElement> backends, bool full) => Tables.Write(backends, full ? Full : Brief);

    /// <summary>Writes one backend with all that is known of it.</summary>
    public static void Describe(JsonElement backend)
    {
        Tables.Write(
            ("Name", backend.Text("name")),
            ("Provider", backend.Text("provider")),
            ("Location", backend.Text("location")),
            ("Description", backend.Text("description")),
            ("Largest content", backend.Number("maxBytes") is { } limit ? ByteSize.Brief(limit) : null),
            ("Default", backend.Text("default")),
            ("Fallback", backend.Text("fallback")),
            ("Status", backend.Text("status")),
            ("Reason", backend.Text("statusReason")),
            ("Since", Tables.Time(backend.Text("statusSince"))),
            ("Validated", Tables.Time(backend.Text("checkedAt"))),
            ("Created", Tables.Time(backend.Text("createdAt"))),
            ("Archived", Tables.Time(backend.Text("archivedAt"))),
            ("Notices", string.Join('\n', backend.Items("notices").Select(DescribeNotice))));
    }

    private static string DescribeNotice(JsonElement notice)
    {
        var refused = string.Join(", ", notice.Items("refused").Select(mail => $"{mail.Text("owner")} {mail.Text("reason")}".Trim()));
        return $"{Tables.Time(notice.Text("at"))} {notice.Text("kind")}, mailed to {notice.Text("delivered")}"
            + (notice.Flag("pending") ? ", others still to be told" : "")
            + (refused.Length > 0 ? $", refused: {refused}" : "");
    }
}
