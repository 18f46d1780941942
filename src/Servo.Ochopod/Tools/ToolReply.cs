using System.Text.Json;
using System.Text.Json.Nodes;

namespace Servo.Ochopod.Tools;

/// <summary>Writes the JSON that the portal's tools read.</summary>
internal static class ToolReply
{
    public static Task WriteAsync(HttpContext context, JsonNode json)
    {
        context.Response.ContentType = "application/json; charset=utf-8";
        return context.Response.WriteAsync(json.ToJsonString(JsonSerializerOptions.Default), context.RequestAborted);
    }
}
