namespace CasFunctions.Audit;

/// <summary>The audit log's settings, section <c>Cas:Audit</c>.</summary>
public sealed class AuditOptions
{
    /// <summary>The configuration section.</summary>
    public const string Section = "Cas:Audit";

    /// <summary>The most days that can be set.</summary>
    public const int MaxRetentionDays = 36_500;

    /// <summary>For how many days events are kept; 0 for ever.</summary>
    public int RetentionDays { get; init; } = 365;
}
