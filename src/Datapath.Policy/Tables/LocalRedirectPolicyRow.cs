using System.Collections.Immutable;

namespace Datapath.Policy.Tables;

/// <summary>A row of <see cref="PolicyTables.LocalRedirectPolicies"/>: a namespaced policy that is accepted.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Type">What it redirects: <c>address</c> or <c>service</c>.</param>
/// <param name="Service">The service that it redirects; <see langword="null"/> if it redirects an address.</param>
/// <param name="FrontendType">
/// How ports are paired: <c>addr-single-port</c> or <c>addr-named-ports</c>, <c>all</c>, <c>svc-single-port</c> or <c>named-ports</c>.
/// </param>
/// <param name="Frontends">The addresses that it names, in force or not. None if it redirects a service.</param>
/// <param name="BackendSelector">The labels that its pods must have, each with <c>k8s:</c> before it.</param>
/// <param name="BackendExpressions">What else its pods' labels must fulfil.</param>
public sealed record LocalRedirectPolicyRow(
    string Name,
    string Type,
    string? Service,
    string FrontendType,
    ImmutableArray<string> Frontends,
    IReadOnlyDictionary<string, string> BackendSelector,
    ImmutableArray<string> BackendExpressions);
