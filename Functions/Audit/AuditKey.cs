using System.Globalization;
using System.Security.Cryptography;
using System.Text.RegularExpressions;
using CasFunctions.Storage;

namespace CasFunctions.Audit;

/// <summary>
/// Where an event is in the table. Partition: organization and inverted day; row: inverted time and a random suffix. So the order of the
/// keys is that of time backwards, over all days of an organization.
/// </summary>
/// <param name="Day">The inverted day, 8 digits.</param>
/// <param name="Row">The row key.</param>
internal sealed partial record AuditKey(string Day, string Row)
{
    private const int LastDay = 99_999_999;

    /// <summary>A new key for an event of this moment.</summary>
    public static AuditKey NewAt(DateTimeOffset at) =>
        new(DayOf(at), $"{Rows.NewestFirst(at)}|{RandomNumberGenerator.GetHexString(8, lowercase: true)}");

    /// <summary>The inverted day of a moment, in UTC.</summary>
    public static string DayOf(DateTimeOffset at) => (LastDay - int.Parse(
        at.UtcDateTime.ToString("yyyyMMdd", CultureInfo.InvariantCulture),
        CultureInfo.InvariantCulture)).ToString("D8", CultureInfo.InvariantCulture);

    /// <summary>The partition of an organization's day.</summary>
    public static string PartitionOf(string organization, string day) => $"{organization}|{day}";

    /// <summary>A partition key after those of all days of an organization; those of no other lie between.</summary>
    public static string EndOf(string organization) => organization + "|~";

    /// <summary>Reads what <see cref="ToString"/> wrote; null when the text is something else.</summary>
    public static AuditKey? Parse(string text) => Pattern().IsMatch(text) ? new AuditKey(text[..8], text[9..]) : null;

    /// <inheritdoc/>
    public override string ToString() => $"{Day}|{Row}";

    [GeneratedRegex(
        @"\A[0-9]{8}\|[0-9]{19}\|[0-9a-f]{8}\z",
        RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture,
        matchTimeoutMilliseconds: 1000)]
    private static partial Regex Pattern();
}
