namespace CasFunctions.Organizations;

/// <summary>A tenant. Everything that is stored belongs to one.</summary>
/// <param name="Name">A DNS-1123 label, never changed.</param>
/// <param name="Owners">The e-mail addresses that hear of broken backends.</param>
/// <param name="CreatedAt">When it was created.</param>
public sealed record Organization(string Name, IReadOnlyList<string> Owners, DateTimeOffset CreatedAt);
