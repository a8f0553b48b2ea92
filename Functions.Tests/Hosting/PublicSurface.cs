using System.Reflection;

namespace CasFunctions.Tests.Hosting;

/// <summary>Writes public types down, one line each for the type and its members, so that two assemblies can be compared.</summary>
internal static class PublicSurface
{
    private const BindingFlags Declared =
        BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

    private static readonly NullabilityInfoContext Nullability = new();

    public static IEnumerable<string> Describe(Type type)
    {
        yield return Kind(type) + " " + type.FullName;
        foreach (var member in type.GetMembers(Declared).Select(Describe).OfType<string>().Order(StringComparer.Ordinal))
        {
            yield return "    " + member;
        }
    }

    private static string Kind(Type type) => type switch
    {
        { IsEnum: true } => "enum",
        { IsInterface: true } => "interface",
        { IsAbstract: true, IsSealed: true } => "static class",
        { IsAbstract: true } => "abstract class",
        { IsSealed: true } => "sealed class",
        _ => "class",
    };

    private static string? Describe(MemberInfo member) => member switch
    {
        FieldInfo { IsLiteral: true } field when IsVisible(field) => $"{field.Name} = {field.GetRawConstantValue()}",
        ConstructorInfo constructor when IsVisible(constructor) => Access(constructor) + "new" + Parameters(constructor),
        MethodInfo { IsSpecialName: false } method when IsVisible(method) =>
            Access(method) + Name(method.ReturnType, Nullability.Create(method.ReturnParameter)) + " " + method.Name + Generics(method)
            + Parameters(method),
        PropertyInfo property when property.GetMethod is { } getter && IsVisible(getter) =>
            Access(getter) + Name(property.PropertyType, Nullability.Create(property)) + " " + property.Name
            + (property.SetMethod is { } setter && IsVisible(setter) ? " { get; set; }" : " { get; }"),
        _ => null,
    };

    private static bool IsVisible(FieldInfo field) => field.IsPublic || field.IsFamily;

    private static bool IsVisible(MethodBase method) => method.IsPublic || method.IsFamily;

    private static string Access(MethodBase method) => string.Concat(
        method.IsFamily ? "protected " : "",
        method.IsStatic ? "static " : "",
        method.IsAbstract && !method.DeclaringType!.IsInterface ? "abstract " : "",
        method.IsVirtual && !method.IsAbstract && !method.IsFinal ? "virtual " : "");

    private static string Generics(MethodInfo method) =>
        method.IsGenericMethod ? "<" + string.Join(", ", method.GetGenericArguments().Select(type => type.Name)) + ">" : "";

    private static string Parameters(MethodBase method) =>
        "(" + string.Join(", ", method.GetParameters().Select(parameter =>
            (parameter.IsDefined(typeof(ParamArrayAttribute)) ? "params " : "")
            + Name(parameter.ParameterType, Nullability.Create(parameter)) + " " + parameter.Name
            + (parameter.HasDefaultValue ? " = " + (parameter.DefaultValue ?? "null") : ""))) + ")";

    private static string Name(Type type, NullabilityInfo nullability)
    {
        var name = type switch
        {
            { IsArray: true } => Name(type.GetElementType()!, nullability.ElementType!) + "[]",
            { IsGenericType: true } => type.Name[..type.Name.IndexOf('`', StringComparison.Ordinal)] + "<" + string.Join(
                ", ", type.GetGenericArguments().Select((argument, i) => Name(argument, nullability.GenericTypeArguments[i]))) + ">",
            _ => type.Name,
        };
        return !type.IsValueType && nullability.ReadState == NullabilityState.Nullable ? name + "?" : name;
    }
}
